import type { Account } from '../account.ts';
import { assumeRole } from '../aws/assume-role.ts';
import { AwsCli, type AwsCliOptions, type CallCounter } from '../aws/cli.ts';
import { CredentialSource } from '../aws/credential-source.ts';
import type { AwsCredentials, CredentialProvider } from '../aws/credentials.ts';
import { AwsCallError } from '../aws/errors.ts';
import { callerIdentity, type Identity } from '../aws/identity.ts';
import { homeRegion, otherHomeRegions, partitionOfRegion } from '../aws/partitions.ts';
import type { Settings } from '../options.ts';
import type { CommandRunner } from '../ports.ts';
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
  now: () => number;
  /** A region that is to be scanned: where its partition is not `aws`, the caller can be asked for there only. */
  regionHint: string | undefined;
}

/** One set of credentials in one scan: its calls, and whether it still works. */
export class AccountSession {
  readonly account: Account;
  readonly cli: Pick<AwsCli, 'call' | 'text'>;
  readonly #cli: AwsCli;
  readonly #source: CredentialSource | null;
  readonly #region: string | undefined;
  readonly #end = new AbortController();
  readonly signal: AbortSignal;
  #ended: AwsCallError | null = null;
  #checked: Promise<boolean> | undefined;

  constructor(parts: AccountParts) {
    const { account, clock } = parts;
    this.account = account;
    this.signal = AbortSignal.any([parts.signal, this.#end.signal]);
    this.#region = wayIn(account, parts.regionHint);
    const found = sourceOf(account, cliOptions(parts, this.signal), this.#region, parts);
    this.#source = found.source ?? null;
    const cli = new AwsCli({ ...cliOptions(parts, this.signal), ...found });
    this.#cli = cli;
    this.cli = {
      call: (call, signal) => clock.time('discover', () => cli.call(call, signal)),
      text: (call, signal) => clock.time('discover', () => cli.text(call, signal)),
    };
  }

  /** Why nothing more can be read with these credentials; null while they work. */
  get ended(): AwsCallError | null {
    return this.#ended;
  }

  /** What gives these credentials to others who call AWS; null where they are what the configuration says. */
  get credentials(): CredentialProvider | null {
    const source = this.#source;
    return source === null ? null : () => source.credentials();
  }

  /** Stops everything that still runs with these credentials. The first reason stays. */
  end(reason: AwsCallError): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#end.abort(reason);
  }

  /** Who the credentials belong to, and until when. */
  async identify(): Promise<Identity> {
    const identity = await this.#whoami();
    const home = homeRegion(identity.partition);
    if (home !== undefined) this.#cli.useFallbackRegion(home);
    const expiresAt = this.#source?.expiresAt ?? null;
    return { ...identity, session_expires_at: expiresAt?.toISOString() ?? null };
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

  /** Where nothing says in which partition the credentials are good, the other two are tried. */
  async #whoami(): Promise<Identity> {
    try {
      return await callerIdentity(this.cli, this.#region);
    } catch (error) {
      const isPuzzled = AwsCallError.is(error, 'credentials') && this.#cli.noRegionConfigured;
      if (!isPuzzled || this.#region !== undefined) throw error;
      for (const region of otherHomeRegions('aws')) {
        const identity = await callerIdentity(this.cli, region).catch((other: unknown) => {
          if (!AwsCallError.is(other)) throw other;
          return null;
        });
        if (identity !== null) return identity;
      }
      throw error;
    }
  }
}

/** The region for the first call: only where the default one would be in another partition. */
function wayIn({ role_arn }: Account, hint: string | undefined): string | undefined {
  const rolePartition = role_arn?.split(':')[1] ?? 'aws';
  if (hint !== undefined && partitionOfRegion(hint) !== 'aws') return hint;
  return rolePartition === 'aws' ? undefined : homeRegion(rolePartition);
}

function cliOptions(parts: AccountParts, signal: AbortSignal): AwsCliOptions {
  const { runner, settings, counter, random } = parts;
  return {
    runner,
    retry: settings.retry,
    maxOutputBytes: settings.maxOutputBytes,
    timeoutMs: settings.callTimeoutMs,
    counter,
    mostAtOnce: settings.concurrency.resources,
    signal,
    random,
  };
}

/** Where the account's credentials come from: a profile, what the CLI finds, keys, or a role that one of these assumes. */
function sourceOf(
  account: Account,
  options: AwsCliOptions,
  region: string | undefined,
  { runner, now }: Pick<AccountParts, 'runner' | 'now'>,
): Pick<AwsCliOptions, 'profile' | 'source'> {
  const { profile, credentials, role_arn } = account;
  const mask = (found: AwsCredentials): void => {
    runner.registerSecret?.(found.secretAccessKey);
    if (found.sessionToken) runner.registerSecret?.(found.sessionToken);
  };
  const base: Pick<AwsCliOptions, 'profile' | 'source'> =
    credentials === undefined
      ? { ...(profile !== undefined && { profile }) }
      : {
          source: new CredentialSource(givenBy(credentials), now, mask),
        };
  if (role_arn === undefined) return base;
  const cli = new AwsCli({ ...options, ...base });
  const role = { ...account, role_arn };
  return { source: new CredentialSource(() => assumeRole(cli, role, region), now, mask) };
}

/** What a function of the host's throws is a fault of its configuration. */
function givenBy(credentials: AwsCredentials | CredentialProvider): CredentialProvider {
  if (typeof credentials !== 'function') return () => Promise.resolve(credentials);
  return async () => {
    try {
      return await credentials();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new AwsCallError('credentials', {
        kind: 'configuration',
        code: 'CredentialSource',
        message: `the function that gives credentials failed: ${message}`,
        scp: false,
      });
    }
  };
}
