import type { ContextResource, PlaybookRequest } from '../protocol/request.ts';
import type { PlaybookCommand, TextValue } from '../protocol/command.ts';
import { resourceIdOf, resourceKeyOf } from '../protocol/resource-names.ts';
import { toCliName } from '../risk/command-options.ts';
import { leavesOf, refTargetOf } from './values.ts';

/**
 * Whether what a step acts on was in the context or named by the user.
 *
 * `yes`: everything it names is known. `no`: it names something that nobody has spoken of. `unknown`: it names nothing that could be compared.
 */
export interface Grounding {
  status: 'yes' | 'no' | 'unknown';
  reasons: string[];
  /** Resources of the context that the command itself names, whatever the server says it is about. */
  refs: string[];
  /** Whether it may also act on something that is no resource of the context. */
  reachesFurther: boolean;
}

/** The part of a step that says what it acts on, with the inputs bound. */
export interface GroundedWork {
  command: PlaybookCommand;
  env?: Record<string, TextValue> | null | undefined;
  stdin?: TextValue | null | undefined;
  resources?: string[] | null | undefined;
}

/** What identifiers look like wherever they stand: ARNs, `i-0abc…`, `s3://bucket`. */
const identifier =
  /arn:aws[\w-]*:[^\s"',]+|\b[a-z]{1,20}(?:-[a-z]{1,20})?-[0-9a-f]{8,17}\b|(?<=s3:\/\/)[a-z0-9.-]{3,63}/g;

/** Options whose value names a resource, by the end of their name; and those that end so without naming one. */
const naming =
  /(?:^|-)(?:ids?|identifiers?|names?|arns?|bucket|user|role|group|queue-url|resources?|instances?)$/;
const notNaming =
  /^(?:attribute|metric|event|query|filter|region|zone|engine|namespace|parameter-group|statistic|availability-zone|dimension|output|request|client-request|client-token|device|key|policy|session|role-session|document)-?(?:names?|ids?|identifiers?)?$/;
const notAboutResources = new Set([
  'tags',
  'tag-specifications',
  'filters',
  'filter',
  'dry-run',
  'query',
  'tag-list',
  'tagging',
  'tag-set',
]);

/** What a request makes known: identifiers of the context, and the user's own words. */
export class KnownNames {
  /** Identifier to the ref of its resource; null where it is known but no resource of the context. */
  readonly #identifiers = new Map<string, string | null>();
  readonly #words: string;

  constructor(request: PlaybookRequest, inputs: Iterable<string> = []) {
    const { account_id: accountId } = request.target;
    for (const resource of request.resources) this.#add(resource, accountId);
    for (const input of inputs) this.#know(input, null);
    const said = request.history.filter(({ role }) => role === 'user').map(({ text }) => text);
    this.#words = [request.message.text, ...said].join('\n');
  }

  /** Whether an identifier is one of the context, or stands in the user's words as a whole. */
  has(name: string): boolean {
    if (this.#identifiers.has(name)) return true;
    for (let at = this.#words.indexOf(name); at >= 0; at = this.#words.indexOf(name, at + 1)) {
      const before = this.#words[at - 1] ?? ' ';
      const after = this.#words.slice(at + name.length, at + name.length + 2);
      if (!/[\w-]/.test(before) && !/^(?:[\w-]|[.:/]\w)/.test(after)) return true;
    }
    return false;
  }

  /** The resource of the context that an identifier names, null where it names none. */
  refOf(name: string): string | null {
    return this.#identifiers.get(name) ?? null;
  }

  #add(resource: ContextResource, accountId: string): void {
    const { ref, arn } = resource;
    if (arn) this.#know(arn, ref);
    const { arn: worded } = resource.fields;
    if (typeof worded === 'string') this.#know(worded, ref);
    const { relations } = resource.fields;
    this.#addId(resourceKeyOf(resource, accountId), ref);
    this.#addId(resourceIdOf(resource), ref);
    if (!Array.isArray(relations)) return;
    for (const relation of relations) {
      if (typeof relation === 'object' && relation !== null && !Array.isArray(relation)) {
        this.#addId(relation['target'], null);
      }
    }
  }

  /** An id with all that leads to it: `123456789012-eu-west-1-ec2:instance/i-0abc`, `ec2:instance/i-0abc`, `i-0abc`. */
  #addId(value: unknown, ref: string | null): void {
    if (typeof value !== 'string' || value === '') return;
    this.#know(value, ref);
    const slash = value.indexOf('/');
    if (slash >= 0) this.#know(value.slice(slash + 1), ref);
  }

  /** A resource that is in the context itself counts for more than one that another only points at. */
  #know(name: string, ref: string | null): void {
    this.#identifiers.set(name, this.#identifiers.get(name) ?? ref);
  }
}

/** Compares what a step names with what is known. */
export function groundWork(work: GroundedWork, known: KnownNames): Grounding {
  const names = namesIn(work);
  const refs = names.map((name) => known.refOf(name)).filter((ref) => ref !== null);
  const derived = [...derivedFrom(work)];
  const isCall = work.command.type === 'aws_cli';
  const reachesFurther = !isCall || derived.length > 0 || refs.length < Math.max(1, names.length);
  const found = { refs: [...new Set(refs)], reachesFurther };
  const strangers = names.filter((name) => !known.has(name)).slice(0, 5);
  if (strangers.length > 0) {
    const reasons = strangers.map(
      (name) => `${name.slice(0, 200)} is neither in the context nor named by the user`,
    );
    return { ...found, status: 'no', reasons };
  }
  if (names.length > 0) return { ...found, status: 'yes', reasons: [] };
  const reason =
    derived.length > 0
      ? `what it acts on comes from step ${derived.join(', ')}`
      : 'it names no resource of the context';
  return { ...found, status: 'unknown', reasons: [reason] };
}

function namesIn({ command, env, stdin }: GroundedWork): string[] {
  const names = new Set<string>();
  for (const { path, text } of leavesOf({ command, env, stdin })) {
    for (const [name] of text.matchAll(identifier)) names.add(name);
    if (path[0] !== 'command' || path[1] !== 'parameters') continue;
    const option = path
      .slice(2)
      .filter((part) => typeof part === 'string')
      .map(toCliName);
    if (isNaming(option.at(-1)) && !option.some((part) => notAboutResources.has(part))) {
      names.add(text);
    }
  }
  if (command.type !== 'aws_cli') return [...names];
  const args = command.args ?? [];
  for (const [index, argument] of args.entries()) {
    if (typeof argument !== 'string' || !argument.startsWith('--')) continue;
    const [option = '', inline] = argument.slice(2).split('=', 2);
    if (notAboutResources.has(option) || !isNaming(option)) continue;
    for (const value of inline === undefined ? valuesAfter(args, index) : [inline])
      names.add(value);
  }
  return [...names];
}

function isNaming(option: string | undefined): boolean {
  return option !== undefined && naming.test(option) && !notNaming.test(option);
}

function valuesAfter(args: readonly TextValue[], index: number): string[] {
  const values: string[] = [];
  for (const argument of args.slice(index + 1)) {
    if (typeof argument !== 'string' || argument.startsWith('-')) break;
    values.push(argument);
  }
  return values;
}

function derivedFrom({ command, env, stdin }: GroundedWork): Set<string> {
  const steps = new Set<string>();
  const visit = (value: unknown): void => {
    const target = refTargetOf(value);
    if (target?.kind === 'output') steps.add(target.step);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit({ command, env, stdin });
  return steps;
}
