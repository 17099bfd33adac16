import { ScanError } from '../errors.ts';
import type { AwsCliRequest, AwsCliResult, CommandRunner } from '../ports.ts';
import type { Json } from '../resource.ts';
import { throwIfAborted } from './abort.ts';
import { CallGates } from './call-gate.ts';
import type { CredentialSource } from './credential-source.ts';
import { type AwsCredentials, CREDENTIAL_VARIABLES, credentialEnvironment } from './credentials.ts';
import { AwsCallError, classifyStderr, foreignAnswer, type AwsFailure } from './errors.ts';
import { attemptsFor, delayMs, pause, type RetryPolicy } from './retry.ts';

/** One AWS call, as the CLI takes it. */
export interface AwsCall {
  service: string;
  operation: string;
  parameters?: Record<string, Json>;
  /** CLI options as they are, such as `['--page-size', '100']`. */
  args?: string[];
  region?: string;
  /** How much of a list it reads, over as many pages as that takes. */
  portion?: Portion;
  /** JMESPath; only what it leaves reaches this process. */
  query?: string;
  /**
   * Whether the output (null where there is none) can be AWS's. Anything else came from something on the way, such as a proxy's page
   * that the CLI takes for an answer without fields: the call is repeated, then `ResponseInvalid`. Default: whatever is JSON.
   */
  isAnswer?: (output: Json) => boolean;
}

/** Items that one call reads: `most` while nothing is throttled, never fewer than `least`. */
export interface Portion {
  most: number;
  least: number;
}

/** What AWS calls cost; shared by everything in one scan. */
export interface CallCounter {
  /** CLI processes, repeated ones included. */
  calls: number;
  retries: number;
}

export interface AwsCliOptions {
  runner: CommandRunner;
  profile?: string;
  /** Credentials for the environment of each process. Default: what the CLI finds itself, with `profile`. */
  source?: CredentialSource;
  retry: RetryPolicy;
  maxOutputBytes: number;
  timeoutMs: number;
  counter: CallCounter;
  signal: AbortSignal;
  random: () => number;
  /** Calls of one service and region at once while nothing is throttled. */
  mostAtOnce: number;
}

/**
 * What is left of a portion after each throttled attempt. The CLI prints nothing of a list that fails on its last page: where three in ten
 * requests are refused, one in 1,250 calls of twenty pages would come through.
 */
const LEFT = 1 / 4;

/** Where calls go that need no region when none is configured, until the partition is known. */
const FIRST_REGION = 'us-east-1';

/** The AWS CLI with one set of credentials: runs, repeats, classifies, counts. */
export class AwsCli {
  readonly #options: AwsCliOptions;
  readonly #gates: CallGates;
  #fallbackRegion: string | undefined;
  #noRegionConfigured = false;

  constructor(options: AwsCliOptions) {
    this.#options = options;
    this.#gates = new CallGates(options.mostAtOnce);
  }

  /** Whether the CLI found no region in its configuration, so that calls without one go to a fallback. */
  get noRegionConfigured(): boolean {
    return this.#noRegionConfigured;
  }

  /** Where calls go that need no region, if none is configured. Default us-east-1. */
  useFallbackRegion(region: string): void {
    if (this.#noRegionConfigured) this.#fallbackRegion = region;
  }

  /**
   * Runs one call until it succeeds or is not worth repeating.
   *
   * @returns the parsed output, null where the CLI printed nothing
   * @throws AwsCallError with the kind of failure
   * @throws ScanError `ABORTED`, `CLI_NOT_FOUND`
   */
  async call(call: AwsCall, signal: AbortSignal = this.#options.signal): Promise<Json> {
    return this.#untilAnswered(call, signal, (text) => {
      const parsed = parse(text);
      if (parsed === null) {
        const message = 'the CLI printed something that is not JSON';
        return { failure: outputFailure('OutputInvalid', message) };
      }
      return (call.isAnswer?.(parsed.output) ?? true) ? parsed : { failure: foreignAnswer() };
    });
  }

  /** Like {@link call}, for the few commands that print plain text. */
  async text(call: AwsCall, signal: AbortSignal = this.#options.signal): Promise<string> {
    return this.#untilAnswered(call, signal, (output) => ({ output }));
  }

  async #untilAnswered<Output>(
    call: AwsCall,
    signal: AbortSignal,
    read: (text: string) => { output: Output } | { failure: AwsFailure },
  ): Promise<Output> {
    const { retry, counter, random } = this.#options;
    let refusals = 0;
    for (let attempt = 1; ; attempt += 1) {
      throwIfAborted(signal);
      const region = call.region ?? this.#fallbackRegion;
      const gate = this.#gates.of(call.service, region);
      const { result, refusal, credentials } = await gate.run(
        signal,
        () => this.#attempt(inPortions(call, refusals, gate.isCut), region, signal),
        (attempted) => attempted.refusal?.kind === 'throttled',
      );
      const answer = refusal === null ? read(result.stdout) : { failure: refusal };
      if ('output' in answer) return answer.output;
      const { failure } = answer;
      if (failure.kind === 'throttled') refusals += 1;
      if (failure.code === 'NoRegion' && region === undefined) {
        this.#noRegionConfigured = true;
        this.#fallbackRegion = FIRST_REGION;
        continue;
      }
      if (failure.kind === 'expired' && credentials) this.#options.source?.expired(credentials);
      if (attempt >= attemptsFor(failure.kind, retry)) {
        throw new AwsCallError(callName(call), failure);
      }
      counter.retries += 1;
      await pause(delayMs(attempt, retry, random), signal).catch(() => throwIfAborted(signal));
    }
  }

  async #attempt(call: AwsCall, region: string | undefined, signal: AbortSignal) {
    const credentials = (await this.#options.source?.credentials()) ?? null;
    this.#options.counter.calls += 1;
    const result = await this.#run(call, this.#request(call, region, credentials), signal);
    return { result, credentials, refusal: failureOf(result, this.#options.timeoutMs) };
  }

  async #run(call: AwsCall, request: AwsCliRequest, signal: AbortSignal): Promise<AwsCliResult> {
    try {
      return await this.#options.runner.run(request, { signal });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      if (cause instanceof Error && 'code' in cause && cause.code === 'INVALID_REQUEST') {
        const failure: AwsFailure = { kind: 'cli', code: cause.code, message, scp: false };
        throw new AwsCallError(callName(call), failure);
      }
      throw new ScanError('ENGINE_FAILED', `The engine did not run the AWS CLI: ${message}`, {
        cause,
      });
    } finally {
      throwIfAborted(signal);
    }
  }

  #request(
    call: AwsCall,
    region: string | undefined,
    credentials: AwsCredentials | null,
  ): AwsCliRequest {
    const { profile, maxOutputBytes, timeoutMs } = this.#options;
    const { service, operation, parameters = {}, query } = call;
    const args = [...(call.args ?? [])];
    // The CLI waives its required options only for an option that stands alone, not for --cli-input-json=…, and inside the
    // JSON it replaces no value by a file.
    if (Object.keys(parameters).length > 0) {
      args.push('--cli-input-json', JSON.stringify(parameters));
    }
    return {
      command: {
        type: 'aws_cli',
        service,
        operation,
        ...(args.length > 0 && { args }),
        ...(query !== undefined && { query }),
        ...(region !== undefined && { region }),
        ...(profile !== undefined && { profile }),
      },
      ...(credentials !== null && {
        env: credentialEnvironment(credentials),
        secrets: [...CREDENTIAL_VARIABLES],
      }),
      log: false,
      max_capture_bytes: maxOutputBytes,
      timeout_ms: timeoutMs,
    };
  }
}

/** The call as it is made now: reading less at once while its service throttles. */
function inPortions(call: AwsCall, refusals: number, isCut: boolean): AwsCall {
  const { portion, args = [] } = call;
  if (portion === undefined) return call;
  const left = portion.most * LEFT ** Math.max(refusals, isCut ? 1 : 0);
  const items = Math.min(portion.most, Math.max(portion.least, Math.ceil(left)));
  return { ...call, args: [...args, '--max-items', String(items)] };
}

function callName(call: AwsCall): string {
  return `${call.service} ${call.operation}`;
}

/** What the CLI printed: null in it where that is nothing. Null where it is no JSON. */
function parse(text: string): { output: Json } | null {
  if (text.trim() === '') return { output: null };
  try {
    // What JSON.parse returns is Json by definition.
    const output: Json = JSON.parse(text);
    return { output };
  } catch {
    return null;
  }
}

function outputFailure(code: string, message: string): AwsFailure {
  return { kind: 'output', code, message, scp: false };
}

/** What went wrong; null where nothing did. */
function failureOf(result: AwsCliResult, timeoutMs: number): AwsFailure | null {
  if (result.status === 'completed') {
    return result.stdout_truncated
      ? outputFailure('OutputTooLarge', 'the CLI printed more than maxOutputBytes')
      : null;
  }
  const { error } = result;
  if (error === null || error.code === 'NONZERO_EXIT') return classifyStderr(result.stderr);
  if (error.code === 'SPAWN_FAILED') {
    throw new ScanError(
      'CLI_NOT_FOUND',
      `The AWS CLI could not be started: ${error.message}. Install it, or tell the engine where it is (awsCli.binary).`,
    );
  }
  if (error.code === 'TIMEOUT') {
    const message = `no answer within ${timeoutMs} ms`;
    return { kind: 'connection', code: 'CallTimeout', message, scp: false };
  }
  return { kind: 'cli', code: error.code, message: error.message, scp: false };
}
