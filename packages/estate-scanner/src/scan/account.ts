import { AwsCli, type CallCounter } from '../aws/cli.ts';
import { AwsCallError } from '../aws/errors.ts';
import { callerIdentity, type Identity } from '../aws/identity.ts';
import type { CommandRunner } from '../ports.ts';
import type { Account, Settings } from '../options.ts';
import type { PhaseClock } from './phases.ts';

/** What an account's calls run with. */
export interface AccountParts {
  account: Account;
  runner: CommandRunner;
  settings: Readonly<Settings>;
  counter: CallCounter;
  clock: PhaseClock;
  signal: AbortSignal;
  random: () => number;
}

/** One set of credentials in one scan: its calls, and whether it still works. */
export class AccountSession {
  readonly account: Account;
  readonly cli: Pick<AwsCli, 'call' | 'text'>;
  readonly #end = new AbortController();
  readonly signal: AbortSignal;
  #ended: AwsCallError | null = null;
  #checked: Promise<boolean> | undefined;

  constructor(parts: AccountParts) {
    const { account, runner, settings, counter, clock, random } = parts;
    this.account = account;
    this.signal = AbortSignal.any([parts.signal, this.#end.signal]);
    const cli = new AwsCli({
      runner,
      retry: settings.retry,
      maxOutputBytes: settings.maxOutputBytes,
      timeoutMs: settings.callTimeoutMs,
      counter,
      mostAtOnce: settings.concurrency.resources,
      signal: this.signal,
      random,
      ...(account.profile !== undefined && { profile: account.profile }),
    });
    this.cli = {
      call: (call, signal) => clock.time('discover', () => cli.call(call, signal)),
      text: (call, signal) => clock.time('discover', () => cli.text(call, signal)),
    };
  }

  /** Why nothing more can be read with these credentials; null while they work. */
  get ended(): AwsCallError | null {
    return this.#ended;
  }

  /** Stops everything that still runs with these credentials. The first reason stays. */
  end(reason: AwsCallError): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#end.abort(reason);
  }

  /** Who the credentials belong to. */
  async identify(): Promise<Identity> {
    return callerIdentity(this.cli);
  }

  /**
   * Whether refused credentials still work elsewhere: STS answers everyone. Asked once. Where it refuses too, the account ends.
   */
  async stillWorks(): Promise<boolean> {
    this.#checked ??= this.identify().then(
      () => true,
      (error: unknown) => {
        if (!AwsCallError.is(error)) throw error;
        this.end(error);
        return false;
      },
    );
    return this.#checked;
  }
}
