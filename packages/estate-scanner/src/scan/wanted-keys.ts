import { ScanError } from '../errors.ts';
import type { Scope } from '../report.ts';
import type { ServiceScannerRegistry } from '../registry.ts';
import { RESOURCE_TYPE_PATTERN } from '../resource-type.ts';

/** What a resource's key says. */
export interface KeyParts {
  key: string;
  account_id: string;
  region: string;
  resource_type: string;
  id: string;
}

/** Regions and types both have dashes; what tells them apart is that a region ends with a number or is a word of its own. */
const keyPattern = new RegExp(
  String.raw`^(\d{12})-(global|unknown|[a-z]{2,3}(?:-[a-z]+)+-\d{1,2})-(${RESOURCE_TYPE_PATTERN})/(.+)$`,
  'su',
);

/** @throws ScanError `INVALID_OPTIONS` for what is no key */
export function parseKey(key: string): KeyParts {
  const [, account_id, region, resource_type, id] = keyPattern.exec(key) ?? [];
  if (!account_id || !region || !resource_type || !id) {
    throw new ScanError(
      'INVALID_OPTIONS',
      `"${key}" is no key of a resource: it reads ACCOUNT-REGION-service:type/id.`,
    );
  }
  return { key, account_id, region, resource_type, id };
}

interface Wanted extends KeyParts {
  service: string;
  scope: 'regional' | 'global';
  /** The account through which it is looked for: its own, or one that it is shared with. */
  viewer: string;
}

/** The resources that a refresh asks for, and the scopes they are found in. */
export class WantedKeys {
  readonly #keys = new Map<string, Wanted>();
  /** Keys of types that no scanner yields. */
  readonly unknown: KeyParts[] = [];

  /** @throws ScanError `INVALID_OPTIONS` */
  constructor(keys: readonly string[], registry: ServiceScannerRegistry) {
    for (const key of new Set(keys)) {
      const parts = parseKey(key);
      const scanner = registry.forType(parts.resource_type);
      if (scanner === undefined) this.unknown.push(parts);
      else {
        const { service, scope } = scanner;
        this.#keys.set(key, { ...parts, service, scope, viewer: parts.account_id });
      }
    }
  }

  /** A region that something is in; undefined where everything is global. */
  get region(): string | undefined {
    const isPlace = ({ region }: Wanted): boolean => region !== 'global' && region !== 'unknown';
    return [...this.#keys.values()].find(isPlace)?.region;
  }

  /** The scopes that an account is asked for something in. */
  scopes(account_id: string): Scope[] {
    const scopes = new Map<string, Scope>();
    for (const { viewer, scope, region, service } of this.#keys.values()) {
      if (viewer !== account_id) continue;
      const place = scope === 'global' ? 'global' : region;
      scopes.set(`${place} ${service}`, { account_id, region: place, service });
    }
    return [...scopes.values()];
  }

  /** The keys of accounts that were not reached: only someone they are shared with can tell of them. */
  unreached(reached: ReadonlySet<string>): KeyParts[] {
    return [...this.#keys.values()].filter(({ viewer }) => !reached.has(viewer));
  }

  /** Has another account look for a key. */
  lookFrom(viewer: string, key: string): void {
    const wanted = this.#keys.get(key);
    if (wanted) this.#keys.set(key, { ...wanted, viewer });
  }

  includes(key: string): boolean {
    return this.#keys.has(key);
  }

  /** The wanted ids of a type in a scope. */
  ids(scope: Scope, resourceType: string): string[] {
    return this.#in(scope)
      .filter(({ resource_type }) => resource_type === resourceType)
      .map(({ id }) => id);
  }

  /**
   * The keys of a scope that were not seen. `gone` are the account's own; `hidden` those of another account: no longer there, or no
   * longer shared.
   */
  missing(scope: Scope, seen: ReadonlySet<string>): { gone: KeyParts[]; hidden: KeyParts[] } {
    const unseen = this.#in(scope).filter(({ key }) => !seen.has(key));
    const isOwn = ({ account_id, viewer }: Wanted): boolean => account_id === viewer;
    return {
      gone: unseen.filter(isOwn),
      hidden: unseen.filter((wanted) => !isOwn(wanted)),
    };
  }

  #in(scope: Scope): Wanted[] {
    return [...this.#keys.values()].filter(
      (wanted) =>
        wanted.viewer === scope.account_id &&
        wanted.service === scope.service &&
        (wanted.scope === 'global' || wanted.region === scope.region),
    );
  }
}
