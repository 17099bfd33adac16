import type { Principal } from './principal.ts';

/**
 * Remembers which user or role a caller's ARN stands for, so that an assumed role costs one GetRole in the life of a scanner and
 * not one for each scan. Callers that ask at the same time wait for the same answer.
 */
export class PrincipalCache {
  readonly #entries = new Map<string, { principal: Promise<Principal>; expiresAtMs: number }>();

  /**
   * @param key the role or user, and whose credentials ask about it
   * @param find asks AWS; an answer with a failure, or a rejection, is not kept
   */
  async get(
    key: string,
    lifeMs: number,
    now: () => number,
    find: () => Promise<Principal>,
  ): Promise<Principal> {
    for (;;) {
      const known = this.#entries.get(key);
      if (known === undefined || known.expiresAtMs <= now()) break;
      // It may have been another scan that asked, and was aborted: then this one asks itself.
      const principal = await known.principal.catch(() => null);
      if (principal !== null) return principal;
      this.#forget(key, known);
    }
    const entry = { principal: find(), expiresAtMs: now() + lifeMs };
    this.#entries.set(key, entry);
    try {
      const principal = await entry.principal;
      if (principal.failure !== null) this.#forget(key, entry);
      return principal;
    } catch (error) {
      this.#forget(key, entry);
      throw error;
    }
  }

  #forget(key: string, entry: object): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
