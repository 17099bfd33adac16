import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Preview, StepPreview } from '../preview/preview.ts';
import { compareRisk } from '../risk/classes.ts';
import { orAborted } from '../server/abort.ts';
import type { Approval } from './approval.ts';
import type { ApprovalGrant } from './approve.ts';

/** What an approver is asked, and how it says yes. */
export interface ApprovalQuestion {
  /** The steps that need it. */
  steps: readonly StepPreview[];
  /** Makes the approval: `approve({ by: 'alice' })`. */
  approve(grant: ApprovalGrant): Approval;
  /** Aborts where the caller gives up. */
  signal: AbortSignal;
}

/** Asks somebody for consent: the approval, or null where it is refused. */
export type Approver = (
  preview: Preview,
  question: ApprovalQuestion,
) => Approval | null | Promise<Approval | null>;

/**
 * Approves by itself where nothing that runs is more than a read: what needs it then is a read that the policy wants to be asked about, such as one of something that nobody named.
 *
 * @param options.otherwise asked about everything else. Default: it is refused
 */
export function readOnlyApprover(options: { by: string; otherwise?: Approver }): Approver {
  return async (preview, question) => {
    if (compareRisk(preview.risk, 'read_only') <= 0) return question.approve({ by: options.by });
    return (await options.otherwise?.(preview, question)) ?? null;
  };
}

/**
 * Shows what would run and asks at a terminal; anything but "y" or "yes" is no. A second question offers the rollbacks, where there are any.
 *
 * @param options.by who approves
 * @param options.input default: stdin; where that is no terminal the answer is no
 * @param options.output default: stderr
 */
export function terminalApprover(options: {
  by: string;
  input?: Readable;
  output?: Writable;
}): Approver {
  return async (preview, question) => {
    const { input = process.stdin, output = process.stderr, by } = options;
    if (input === process.stdin && !process.stdin.isTTY) return null;
    output.write(`${linesOf(preview).join('\n')}\n`);
    const reader = createInterface({ input, output });
    // readline takes Ctrl-C for itself while it reads.
    reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    // The iterator keeps what is typed ahead; a question would lose it.
    const lines = reader[Symbol.asyncIterator]();
    const agrees = async (words: string): Promise<boolean> => {
      output.write(`${words} [y/N] `);
      const { value } = await orAborted(lines.next(), question.signal);
      // Input that ends is no consent.
      return /^y(?:es)?$/i.test(value?.trim() ?? '');
    };
    try {
      if (!(await agrees('Run this?'))) return null;
      const names = Object.keys(preview.rollbacks);
      const undo = names.length > 0 && (await agrees('If it fails, undo what was done?'));
      return question.approve({ by, rollbacks: undo ? names : [] });
    } finally {
      reader.close();
    }
  };
}

function linesOf({ summary, account_id, risk, steps, rollbacks }: Preview): string[] {
  return [
    summary,
    `account ${account_id}, ${risk}`,
    ...steps.filter(({ completed }) => !completed).flatMap(stepLines),
    ...Object.values(rollbacks).map(({ id, argv }) => `  to undo (${id}): ${shown(argv)}`),
  ];
}

function stepLines({ title, argv, script, risk, reasons, decision }: StepPreview): string[] {
  const asked =
    decision.effect === 'allow' ? [] : [`  ${decision.effect}: ${decision.reasons.join('; ')}`];
  return [
    `- ${title}`,
    `  $ ${shown(argv)}`,
    ...(script === null ? [] : script.split('\n').map((line) => `  | ${line}`)),
    `  ${risk}: ${reasons.join('; ')}`,
    ...asked,
  ];
}

function shown(argv: readonly string[]): string {
  return argv
    .map((text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : JSON.stringify(text)))
    .join(' ');
}
