import type { AwsCredentials, CredentialProvider } from './credentials.ts';

/** Sessions are renewed this long before they end: the longest page of a list must still come through. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** Holds the credentials of one account, and gets new ones before they end. Whoever asks meanwhile waits for the same answer. */
export class CredentialSource {
  readonly #find: CredentialProvider;
  readonly #now: () => number;
  readonly #onCredentials: (credentials: AwsCredentials) => void;
  #current: Promise<AwsCredentials> | null = null;
  #expiresAt: Date | null = null;
  #latest: AwsCredentials | null = null;

  /** @param onCredentials told of all credentials before anyone uses them: their values must be masked from then on */
  constructor(
    find: CredentialProvider,
    now: () => number,
    onCredentials: (credentials: AwsCredentials) => void,
  ) {
    this.#find = find;
    this.#now = now;
    this.#onCredentials = onCredentials;
  }

  /** When the last credentials end; null where that is not known. */
  get expiresAt(): Date | null {
    return this.#expiresAt;
  }

  /** @throws what finding them throws; the next call tries again */
  async credentials(): Promise<AwsCredentials> {
    const isEnding =
      this.#expiresAt !== null && this.#expiresAt.getTime() - RENEW_BEFORE_MS <= this.#now();
    if (this.#current !== null && !isEnding) return this.#current;
    this.#expiresAt = null;
    const finding = this.#fresh();
    this.#current = finding;
    finding.catch(() => {
      if (this.#current === finding) this.#current = null;
    });
    return finding;
  }

  /** AWS says that they have ended: the next call gets new ones, unless they are new already. */
  expired(refused: AwsCredentials): void {
    if (this.#latest?.accessKeyId === refused.accessKeyId) this.#current = null;
  }

  async #fresh(): Promise<AwsCredentials> {
    const credentials = await this.#find();
    this.#onCredentials(credentials);
    this.#expiresAt = credentials.expiration ?? null;
    this.#latest = credentials;
    return credentials;
  }
}
