import type { ContextResource, PlaybookRequest } from '../protocol/request.ts';
import type { PlaybookCommand, TextValue } from '../protocol/command.ts';
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
  readonly #identifiers = new Set<string>();
  readonly #words: string;

  constructor(request: PlaybookRequest, inputs: Iterable<string> = []) {
    for (const resource of request.resources) this.#add(resource);
    for (const input of inputs) this.#identifiers.add(input);
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

  #add({ arn, fields }: ContextResource): void {
    if (arn) this.#identifiers.add(arn);
    const { key, resource_id: resourceId, relations } = fields;
    for (const value of [key, resourceId]) this.#addId(value);
    if (!Array.isArray(relations)) return;
    for (const relation of relations) {
      if (typeof relation === 'object' && relation !== null && !Array.isArray(relation)) {
        this.#addId(relation['target']);
      }
    }
  }

  /** An id with all that leads to it: `123456789012-eu-west-1-ec2:instance/i-0abc`, `ec2:instance/i-0abc`, `i-0abc`. */
  #addId(value: unknown): void {
    if (typeof value !== 'string' || value === '') return;
    this.#identifiers.add(value);
    const slash = value.indexOf('/');
    if (slash >= 0) this.#identifiers.add(value.slice(slash + 1));
  }
}

/** Compares what a step names with what is known. */
export function groundWork(work: GroundedWork, known: KnownNames): Grounding {
  const names = namesIn(work);
  const strangers = names.filter((name) => !known.has(name)).slice(0, 5);
  if (strangers.length > 0) {
    return {
      status: 'no',
      reasons: strangers.map(
        (name) => `${name.slice(0, 200)} is neither in the context nor named by the user`,
      ),
    };
  }
  if (names.length > 0) return { status: 'yes', reasons: [] };
  const derived = [...derivedFrom(work)];
  if (derived.length > 0) {
    return {
      status: 'unknown',
      reasons: [`what it acts on comes from step ${derived.join(', ')}`],
    };
  }
  return { status: 'unknown', reasons: ['it names no resource of the context'] };
}

function namesIn({ command, env, stdin }: GroundedWork): string[] {
  const names = new Set<string>();
  for (const { text } of leavesOf({ command, env, stdin })) {
    for (const [name] of text.matchAll(identifier)) names.add(name);
  }
  if (command.type !== 'aws_cli') return [...names];
  for (const { path, text } of leavesOf(command.parameters ?? {})) {
    const option = path.filter((part) => typeof part === 'string').map(toCliName);
    if (!option.some((part) => notAboutResources.has(part)) && isNaming(option.at(-1)))
      names.add(text);
  }
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
