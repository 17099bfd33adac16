import type { PermissionRequest, PermissionSource } from '../ports.ts';
import type { Permissions } from '../resource.ts';
import {
  type CacheEntry,
  type Decisions,
  MemoryPermissionCache,
  type PermissionCache,
} from './cache.ts';
import { answerKey, roleKey } from './cache-key.ts';
import { IamCaller, throwIfAborted } from './client.ts';
import { type IamFailure, type UnknownReason, isHopeless } from './failure.ts';
import { type IamOptions, type ResolvedIamOptions, resolveIamOptions } from './options.ts';
import { PATH_UNKNOWN, type Principal, resolvePrincipal, roleOf } from './principal.ts';
import { PrincipalCache } from './principal-cache.ts';
import { simulate } from './simulation.ts';

/** What {@link PermissionEvaluator} may be given besides its options. */
export interface PermissionEvaluatorParts {
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** 0 to 1. Default `Math.random`. */
  random?: () => number;
  /** What is known of roles already. Default: nothing. */
  principals?: PrincipalCache;
}

/** Roles keep their path: also where no answers are kept, a role is not looked up again for every batch. */
const SHORTEST_ROLE_LIFE_MS = 60_000;

/** Why permissions stayed unknown, the last message, and for how many resources. */
export interface UnknownPermissions extends IamFailure {
  resources: number;
}

/**
 * Asks IAM what a principal may do to each resource, with SimulatePrincipalPolicy: identity policies, permission
 * boundaries, and organization policies without conditions. It does not see session policies or the policies of
 * resources (docs/estate-scanner/permissions.md has the list). Answers are cached. What cannot be asked is `unknown`, never denied. After a failure that every
 * further call would meet as well, it asks no more about that principal: who wants another try makes another evaluator.
 */
export class PermissionEvaluator implements PermissionSource {
  readonly #options: Readonly<ResolvedIamOptions>;
  readonly #accountWide: ReadonlySet<string>;
  readonly #caller: IamCaller;
  readonly #cache: PermissionCache;
  readonly #now: () => number;
  readonly #principals: PrincipalCache;
  /** Principals that nothing more is asked about, and why. */
  readonly #hopeless = new Map<string, IamFailure>();
  readonly #unknown = new Map<UnknownReason, UnknownPermissions>();

  /** @throws ScanError `INVALID_OPTIONS` with the path of what is wrong */
  constructor(options: IamOptions = {}, parts: PermissionEvaluatorParts = {}) {
    this.#options = resolveIamOptions(options);
    const names = this.#options.accountWideActions.map((action) => action.toLowerCase());
    this.#accountWide = new Set(names);
    this.#caller = new IamCaller(this.#options, options.credentials, parts.random ?? Math.random);
    this.#cache = options.cache ?? new MemoryPermissionCache();
    this.#principals = parts.principals ?? new PrincipalCache();
    this.#now = parts.now ?? Date.now;
  }

  /** Calls made to IAM so far, repeated ones included. */
  get calls(): number {
    return this.#caller.calls;
  }

  /** Calls that were repeated so far. */
  get retries(): number {
    return this.#caller.retries;
  }

  /** Why permissions stayed unknown so far, and for how many resources. */
  get unknown(): readonly Readonly<UnknownPermissions>[] {
    return Array.from(this.#unknown.values());
  }

  /**
   * What the principal may do, aligned with `requests`. `principal_arn` of an answer is the user or role that was
   * simulated, so it stays the same from session to session. An action that got no answer is in none of the lists;
   * where none got one, the status is `unknown`.
   *
   * @throws ScanError `ABORTED`
   */
  async evaluate(input: {
    principalArn: string;
    requests: readonly PermissionRequest[];
    signal?: AbortSignal;
  }): Promise<Permissions[]> {
    const { principalArn, requests, signal } = input;
    throwIfAborted(signal);
    if (requests.length === 0) return [];
    const principal = await this.#principal(principalArn, signal);
    const evaluated_at = new Date(this.#now()).toISOString();
    const hopeless = principal.failure ?? this.#hopeless.get(principal.arn) ?? null;
    if (hopeless !== null) {
      this.#countUnknown(hopeless, requests.length);
      return requests.map(() => toPermissions(principal.arn, undefined, evaluated_at));
    }
    const keys = requests.map((request) =>
      answerKey(this.#options.endpoint, principal.arn, request),
    );
    const cached = await this.#cache.get(keys, this.#now());
    const answers = new Map<PermissionRequest, Decisions>();
    const asked: PermissionRequest[] = [];
    for (const [index, request] of requests.entries()) {
      const decisions = cached[index] ?? null;
      if (decisions === null) asked.push(request);
      else answers.set(request, decisions);
    }
    const fresh = await this.#ask(principal, asked, evaluated_at, signal);
    for (const [request, decisions] of fresh) answers.set(request, decisions);
    return requests.map((request) =>
      toPermissions(principal.arn, answers.get(request), evaluated_at),
    );
  }

  /** When the credentials end; null where they do not say, and before anything was asked. */
  async sessionEndsAt(): Promise<Date | null> {
    const endMs = await this.#caller.anySessionEndMs();
    return endMs === null ? null : new Date(endMs);
  }

  /** What went wrong with the cache. */
  get problems(): readonly string[] {
    const { problem } = this.#cache;
    return problem ? [problem] : [];
  }

  /** Has the cache write down what is new. */
  async flush(): Promise<void> {
    await this.#cache.flush?.();
  }

  /** Closes the connections to IAM. */
  close(): void {
    this.#caller.close();
  }

  #principal(principalArn: string, signal: AbortSignal | undefined): Promise<Principal> {
    const { profile = '', endpoint = '', cacheTtlMs } = this.#options;
    const key = `${endpoint} ${profile} ${roleOf(principalArn)}`;
    return this.#principals.get(key, Math.max(cacheTtlMs, SHORTEST_ROLE_LIFE_MS), this.#now, () =>
      this.#findPrincipal(principalArn, signal),
    );
  }

  /** A role keeps its path: a cache that outlives the process spares the question. */
  async #findPrincipal(principalArn: string, signal: AbortSignal | undefined): Promise<Principal> {
    const role = roleOf(principalArn);
    if (role === principalArn) return resolvePrincipal(principalArn, this.#caller, signal);
    const { endpoint, cacheTtlMs } = this.#options;
    const key = roleKey(endpoint, role);
    const known = (await this.#cache.getRole?.(key, this.#now())) ?? null;
    if (known !== null)
      return { arn: known, partition: known.split(':')[1] ?? 'aws', failure: null };
    const principal = await resolvePrincipal(principalArn, this.#caller, signal);
    if (principal.failure === null && principal.isGuess !== true) {
      await this.#cache.setRole?.(key, principal.arn, this.#now() + cacheTtlMs);
    }
    return principal;
  }

  async #ask(
    principal: Principal,
    requests: readonly PermissionRequest[],
    evaluated_at: string,
    signal: AbortSignal | undefined,
  ): Promise<Map<PermissionRequest, Decisions>> {
    const answers = new Map<PermissionRequest, Decisions>();
    if (requests.length === 0) return answers;
    const outcomes = await simulate({
      principal,
      requests,
      caller: this.#caller,
      accountWide: this.#accountWide,
      signal,
    });
    const expiresAtMs = await this.#expiry(principal.partition);
    const entries: CacheEntry[] = [];
    for (const [index, request] of requests.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) continue;
      const { failure: met, ...lists } = outcome;
      const failure = met && withAdvice(met, principal);
      if (failure !== null) {
        this.#countUnknown(failure, 1);
        if (isHopeless(failure)) this.#hopeless.set(principal.arn, failure);
      }
      const answered = lists.allowed.length + lists.denied.length + lists.conditional.length;
      if (failure !== null && answered === 0) continue;
      const decisions = { ...lists, evaluated_at };
      answers.set(request, decisions);
      if (failure === null) {
        entries.push({
          key: answerKey(this.#options.endpoint, principal.arn, request),
          decisions,
          expiresAtMs,
        });
      }
    }
    await this.#cache.set(entries);
    return answers;
  }

  async #expiry(partition: string): Promise<number> {
    const sessionEndMs = await this.#caller.sessionEndMs(partition).catch(() => null);
    const expiresAtMs = this.#now() + this.#options.cacheTtlMs;
    return sessionEndMs === null ? expiresAtMs : Math.min(expiresAtMs, sessionEndMs);
  }

  #countUnknown(failure: IamFailure, resources: number): void {
    const before = this.#unknown.get(failure.reason)?.resources ?? 0;
    this.#unknown.set(failure.reason, { ...failure, resources: before + resources });
  }
}

/** Says what to do about a role that IAM does not know by the name that it was given. */
function withAdvice(failure: IamFailure, { arn, isGuess }: Principal): IamFailure {
  if (isGuess !== true || failure.reason !== 'principal_not_found') return failure;
  return { ...failure, message: `${arn}: ${PATH_UNKNOWN} (${failure.message})` };
}

function toPermissions(
  principal_arn: string,
  decisions: Decisions | undefined,
  askedAt: string,
): Permissions {
  return {
    principal_arn,
    allowed: decisions?.allowed.slice() ?? [],
    denied: decisions?.denied.slice() ?? [],
    conditional: decisions?.conditional.slice() ?? [],
    evaluated_at: decisions?.evaluated_at ?? askedAt,
    status: decisions === undefined ? 'unknown' : 'evaluated',
  };
}
