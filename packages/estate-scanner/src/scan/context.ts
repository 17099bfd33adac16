import { AwsCallError, endsAccount } from '../aws/errors.ts';
import { listItems } from '../aws/pages.ts';
import type { Identity } from '../aws/identity.ts';
import type { Scope } from '../report.ts';
import type { ScanContext } from '../service-scanner.ts';
import type { AccountSession } from './account.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { merge } from './merge.ts';

/** What a scope's context is made of. */
export interface ContextParts {
  scope: Scope;
  session: AccountSession;
  identity: Identity;
  /** Where the calls of a global scope go. */
  home: string | undefined;
  itemsPerCall: number;
  maxResources: number;
  signal: AbortSignal;
  includesRegion: (region: string) => boolean;
  wanted: (resourceType: string) => readonly string[] | null;
  /** A list failed, and the scan goes on behind it. */
  onListFailed: (error: AwsCallError) => void;
  onWarning: (error: AwsCallError, message: string) => void;
}

/** Makes what a service scanner works with. */
export function createContext(parts: ContextParts): ScanContext {
  const { scope, session, identity, signal } = parts;
  const region = scope.region === 'global' ? parts.home : scope.region;
  const here = region === undefined ? {} : { region };
  return {
    account_id: scope.account_id,
    region: scope.region,
    partition: identity.partition,
    session,
    signal,
    aws: (service, operation, parameters = {}, options = {}) =>
      session.cli.call({ ...here, ...options, service, operation, parameters }, signal),
    list: (service, operation, options) =>
      listItems(
        session.cli,
        { ...here, ...options, service, operation },
        parts.itemsPerCall,
        signal,
      ),
    async *tolerate(items) {
      try {
        yield* items;
      } catch (error) {
        if (!AwsCallError.is(error) || concernsScope(error)) throw error;
        parts.onListFailed(error);
      }
    },
    merge,
    mapResources: (items, work) => mapConcurrently(items, work, parts.maxResources),
    wanted: parts.wanted,
    includesRegion: parts.includesRegion,
    warn(error, message) {
      if (!AwsCallError.is(error) || endsAccount(error.kind)) throw error;
      parts.onWarning(error, message);
    },
  };
}

/** Whether another list of the same service and region would fail just so. */
function concernsScope({ kind }: AwsCallError): boolean {
  return (
    endsAccount(kind) || kind === 'credentials' || kind === 'not_enabled' || kind === 'connection'
  );
}
