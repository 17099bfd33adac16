import type { AwsCliRequest, AwsCliResult, CommandRunner } from '../ports.ts';

/** What a scan itself asks, whatever its scanners are. */
const OWN_CALLS: ReadonlySet<string> = new Set([
  'sts get-caller-identity',
  'iam list-account-aliases',
]);

/** One call of the AWS CLI: `sqs list-queues`. */
export type CallName = string;

/** Runs calls and remembers what came of each, so that they can be answered again without the CLI. */
export class Recording implements CommandRunner {
  readonly #runner: CommandRunner;
  readonly #answers = new Map<string, AwsCliResult>();
  readonly #calls = new Set<CallName>();

  constructor(runner: CommandRunner) {
    this.#runner = runner;
  }

  /** What was called, the scan's own calls left out. */
  get calls(): CallName[] {
    return [...this.#calls].filter((call) => !OWN_CALLS.has(call)).sort();
  }

  async run(request: AwsCliRequest, options?: { signal?: AbortSignal }): Promise<AwsCliResult> {
    const result = await this.#runner.run(request, options);
    this.#calls.add(nameOf(request));
    this.#answers.set(JSON.stringify(request.command), result);
    return result;
  }

  /** The ARNs that the Tagging API told, of the types that were asked for. */
  get taggedArns(): string[] {
    const found: string[] = [];
    for (const [command, { stdout }] of this.#answers) {
      if (!command.includes('"resourcegroupstaggingapi"')) continue;
      for (const [, arn] of stdout.matchAll(/"(?:arn|ResourceARN)":\s*"([^"]+)"/giu)) {
        if (arn !== undefined) found.push(arn);
      }
    }
    return found;
  }

  /** The same AWS, but it refuses one call: what was not asked before goes to the CLI. */
  refusing(refused: CallName): CommandRunner {
    return {
      run: (request, options) => {
        if (nameOf(request) === refused) return Promise.resolve(refusal(request));
        const answer = this.#answers.get(JSON.stringify(request.command));
        return answer === undefined ? this.run(request, options) : Promise.resolve(answer);
      },
    };
  }
}

function nameOf({ command }: AwsCliRequest): CallName {
  return `${command.service} ${command.operation}`;
}

function refusal({ command }: AwsCliRequest): AwsCliResult {
  const operation = command.operation.replaceAll(/(?:^|-)(\w)/gu, (_, letter: string) =>
    letter.toUpperCase(),
  );
  return {
    status: 'failed',
    exit_code: 254,
    stdout: '',
    stderr: `An error occurred (AccessDeniedException) when calling the ${operation} operation: not authorized`,
    stdout_truncated: false,
    error: { code: 'NONZERO_EXIT', message: 'exit code 254' },
  };
}
