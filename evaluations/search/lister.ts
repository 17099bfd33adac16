import type { CommandRunner } from 'cloudops-estate-scanner';

/** What a list of the AWS CLI answers, as the scanner's own query leaves it. */
export type Item = Record<string, unknown>;

/** Answers by `REGION SERVICE OPERATION`, or `SERVICE OPERATION NAME` for calls that read one thing by its name. */
export class Answers {
  readonly #lists = new Map<string, Item[]>();
  readonly #reads = new Map<string, unknown>();

  add(region: string, call: string, ...items: Item[]): void {
    const key = `${region} ${call}`;
    this.#lists.set(key, [...(this.#lists.get(key) ?? []), ...items]);
  }

  read(call: string, name: string, answer: unknown): void {
    this.#reads.set(`${call} ${name}`, answer);
  }

  listed(region: string, call: string): Item[] {
    return this.#lists.get(`${region} ${call}`) ?? [];
  }

  /** A list that comes in one piece; null where there is none. */
  whole(region: string, call: string): Item[] | null {
    return this.#lists.get(`${region} ${call}`) ?? null;
  }

  /** What a call that names things answers; lists of several things are put together. */
  answer(call: string, names: readonly string[]): unknown {
    const known = names.map((name) => this.#reads.get(`${call} ${name}`)).filter(Boolean);
    return known.some((answer) => Array.isArray(answer)) ? known.flat() : (known[0] ?? null);
  }
}

/** Lists that say the same in every region; they are added under `any`. */
const global: ReadonlySet<string> = new Set([
  's3api list-buckets',
  'iam list-roles',
  'route53 list-hosted-zones',
]);

/** How AWS says that there is none. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['s3api get-bucket-encryption', 'ServerSideEncryptionConfigurationNotFoundError'],
  ['s3api get-public-access-block', 'NoSuchPublicAccessBlockConfiguration'],
]);

/**
 * Stands in for the AWS CLI: an estate that is written down, so that an evaluation needs no endpoint. Everything behind the CLI is
 * real: scanners, texts, embedding, store.
 *
 * @param account whose credentials are used
 */
export function listerOf(answers: Answers, account: string): CommandRunner {
  const caller = { Account: account, Arn: `arn:aws:iam::${account}:user/operator` };
  return {
    run({ command: { service, operation, region = 'us-east-1', query, args = [] } }) {
      const call = `${service} ${operation}`;
      const json = args[args.indexOf('--cli-input-json') + 1] ?? '{}';
      const names = args.includes('--cli-input-json') ? namesIn(JSON.parse(json)) : [];
      const isList = query?.startsWith('{items:') === true;
      const output =
        call === 'sts get-caller-identity'
          ? caller
          : isList
            ? {
                items: answers.listed(global.has(call) ? 'any' : region, call),
                next: null,
              }
            : (answers.answer(call, names) ??
              answers.whole(region, call) ??
              (/ (?:describe|list)-/u.test(call) ? [] : null));
      const refusal = output === null ? refusals.get(call) : undefined;
      return Promise.resolve({
        status: refusal === undefined ? 'completed' : 'failed',
        exit_code: refusal === undefined ? 0 : 254,
        stdout: output === null ? '' : JSON.stringify(output),
        stderr:
          refusal === undefined
            ? ''
            : `An error occurred (${refusal}) when calling the ${operation} operation: none`,
        stdout_truncated: false,
        error: refusal === undefined ? null : { code: 'NONZERO_EXIT', message: 'exit code 254' },
      });
    },
  };
}

function namesIn(parameters: unknown): string[] {
  if (typeof parameters !== 'object' || parameters === null) return [];
  return Object.values(parameters)
    .flat()
    .filter((value) => typeof value === 'string');
}
