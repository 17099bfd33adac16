import { RequestError } from '../errors.ts';

/** A bearer token, or a function that gives one; asked with `refresh: true` after the server refused the last. */
export type TokenOption = string | ((options: { refresh: boolean }) => string | Promise<string>);

/** A token, and how many refreshes came before it. */
export interface IssuedToken {
  /** Null: none is sent. */
  readonly value: string | null;
  readonly generation: number;
}

/** The tokens of one transport. Requests that are refused at the same time share one refresh. */
export class TokenSource {
  readonly #option: TokenOption | null;
  #generation = 0;
  #latest: Promise<IssuedToken> | null = null;
  #isRefreshing = false;

  constructor(option: TokenOption | null) {
    this.#option = option;
  }

  /** @throws RequestError `UNAUTHORIZED` where the token function fails, or gives what is no token */
  async current(): Promise<IssuedToken> {
    if (this.#isRefreshing && this.#latest !== null) return await this.#latest;
    const generation = this.#generation;
    return { value: await this.#ask(false), generation };
  }

  /**
   * The token to use after the server refused one; null where there is no other.
   *
   * @throws RequestError `UNAUTHORIZED`
   */
  async after(refused: IssuedToken): Promise<IssuedToken | null> {
    if (typeof this.#option !== 'function') return null;
    if (refused.generation === this.#generation && !this.#isRefreshing) this.#refresh();
    return await this.#latest;
  }

  #refresh(): void {
    this.#isRefreshing = true;
    const refreshed = this.#ask(true).then(
      (value) => {
        this.#isRefreshing = false;
        this.#generation += 1;
        return { value, generation: this.#generation };
      },
      (error: unknown) => {
        this.#isRefreshing = false;
        throw error;
      },
    );
    // Whoever waits for it sees the failure; an aborted one no longer waits.
    refreshed.catch(() => {});
    this.#latest = refreshed;
  }

  async #ask(refresh: boolean): Promise<string | null> {
    if (this.#option === null) return null;
    const token =
      typeof this.#option === 'string' ? this.#option : await called(this.#option, refresh);
    if (typeof token === 'string' && /^[\u0021-\u007e]+$/.test(token)) return token;
    throw new RequestError(
      'UNAUTHORIZED',
      'the token is empty, or has characters that no header can carry',
    );
  }
}

async function called(token: Exclude<TokenOption, string>, refresh: boolean): Promise<unknown> {
  try {
    return await token({ refresh });
  } catch (error) {
    throw new RequestError('UNAUTHORIZED', 'the token function failed', { cause: error });
  }
}
