import { ScanError } from '../errors.ts';
import type { Scope } from '../report.ts';
import type { ServiceScannerRegistry } from '../registry.ts';

/** What a resource's key says. */
export interface KeyParts {
  key: string;
  account_id: string;
  region: string;
  resource_type: string;
  id: string;
}

/** Regions and types both have dashes; what tells them apart is that a region ends with a number or is a word of its own. */
const keyPattern =
  /^(\d{12})-(global|unknown|[a-z]{2,3}(?:-[a-z]+)+-\d{1,2})-([a-z0-9-]+:[a-z0-9-]+)\/(.+)$/su;

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

/** The resources that a refresh asks for, and the scopes they are found in. */
export class WantedKeys {
  readonly #keys: Map<string, KeyParts & { service: string; scope: 'regional' | 'global' }>;
  /** Keys of types that no scanner yields. */
  readonly unknown: KeyParts[] = [];

  /** @throws ScanError `INVALID_OPTIONS` */
  constructor(keys: readonly string[], registry: ServiceScannerRegistry) {
    this.#keys = new Map();
    for (const key of new Set(keys)) {
      const parts = parseKey(key);
      const scanner = registry.forType(parts.resource_type);
      if (scanner)
        this.#keys.set(key, { ...parts, service: scanner.service, scope: scanner.scope });
      else this.unknown.push(parts);
    }
  }

  /** The scopes of an account that have something wanted in them. */
  scopes(account_id: string): Scope[] {
    const scopes = new Map<string, Scope>();
    for (const wanted of this.#keys.values()) {
      if (wanted.account_id !== account_id) continue;
      const region = wanted.scope === 'global' ? 'global' : wanted.region;
      const { service } = wanted;
      scopes.set(`${region} ${service}`, { account_id, region, service });
    }
    return [...scopes.values()];
  }

  /** The accounts of the keys. */
  accounts(): Set<string> {
    return new Set([...this.#keys.values()].map(({ account_id }) => account_id));
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

  /** The keys of a scope that were not seen. */
  missing(scope: Scope, seen: ReadonlySet<string>): string[] {
    return this.#in(scope)
      .map(({ key }) => key)
      .filter((key) => !seen.has(key));
  }

  #in(scope: Scope) {
    return [...this.#keys.values()].filter(
      (wanted) =>
        wanted.account_id === scope.account_id &&
        wanted.service === scope.service &&
        (wanted.scope === 'global' || wanted.region === scope.region),
    );
  }
}
