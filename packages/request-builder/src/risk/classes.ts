import { RiskClass } from '../protocol/risk.ts';

const order = RiskClass.options;

/** Negative where `a` is less of a risk than `b`. */
export function compareRisk(a: RiskClass, b: RiskClass): number {
  return order.indexOf(a) - order.indexOf(b);
}

/** The higher of two classes. */
export function higherRisk(a: RiskClass, b: RiskClass): RiskClass {
  return compareRisk(a, b) >= 0 ? a : b;
}

/** What a command may do at worst, and why it is thought so. */
export interface Classification {
  risk: RiskClass;
  /** For people, one for each rule that raised the class. */
  reasons: string[];
  /** IAM actions that it needs, as far as known: `ec2:StopInstances`. */
  actions: string[];
  /** Its output holds secrets: masked wherever it goes. */
  has_sensitive_output: boolean;
}

/** Collects what the rules say; the class only ever rises. */
export class Escalation {
  #risk: RiskClass = 'read_only';
  readonly #reasons: string[] = [];
  readonly #actions = new Set<string>();
  #hasSensitiveOutput = false;

  get risk(): RiskClass {
    return this.#risk;
  }

  raise(risk: RiskClass, reason: string): void {
    this.#risk = higherRisk(this.#risk, risk);
    this.#reasons.push(reason);
  }

  needs(action: string): void {
    this.#actions.add(action);
  }

  outputIsSensitive(): void {
    this.#hasSensitiveOutput = true;
  }

  result(): Classification {
    return {
      risk: this.#risk,
      reasons: this.#reasons,
      actions: [...this.#actions],
      has_sensitive_output: this.#hasSensitiveOutput,
    };
  }
}
