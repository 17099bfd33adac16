import type { StorageErrorCode, StorageErrorDetails } from '../../errors.ts';
import type {
  BackendStats,
  ChatBackend,
  DocumentStore,
  EstateBackend,
  SealedStore,
  StoredMessage,
} from '../backend.ts';
import type { PackedResources } from './packed-resources.ts';
import type { PackedWrites } from './packed-writes.ts';
import type { Part } from './parts.ts';
import type { PackedVectors } from './vectors.ts';

type Methods<Group extends string, Port> = {
  [Name in keyof Port & string as `${Group}.${Name}`]: Port[Name] extends (
    ...args: infer Arguments
  ) => Promise<infer Result>
    ? { args: Arguments; result: Result }
    : never;
};

/** What one step of a removal did. */
export interface RemovedPart {
  removed: number;
  /** The `seq` of the last message that is meant, for the next step: what comes in meanwhile stays. */
  upTo: number;
  isLast: boolean;
}

/** Every method of the port as the worker knows it (`chat.append`, …); what reads many rows answers in parts. */
type AllMethods = Methods<'documents', DocumentStore> &
  Methods<'chat', Omit<ChatBackend, 'newest' | 'list' | 'removeConversation'>> &
  Methods<'sealed', SealedStore> &
  Methods<
    'estate',
    Omit<EstateBackend, 'get' | 'list' | 'named' | 'referringTo' | 'vectors' | 'write'>
  > & {
    'chat.newest': { args: Parameters<ChatBackend['newest']>; result: Part<StoredMessage> };
    'chat.list': { args: Parameters<ChatBackend['list']>; result: Part<StoredMessage> };
    'chat.removeConversation': { args: [id: string, upTo: number | null]; result: RemovedPart };
    'estate.get': { args: Parameters<EstateBackend['get']>; result: PackedResources };
    'estate.list': { args: Parameters<EstateBackend['list']>; result: PackedResources };
    'estate.named': { args: Parameters<EstateBackend['named']>; result: string[] };
    'estate.referringTo': { args: Parameters<EstateBackend['referringTo']>; result: string[] };
    'estate.vectors': { args: Parameters<EstateBackend['vectors']>; result: PackedVectors };
    'estate.write': { args: [PackedWrites]; result: string[] };
    'maintenance.check': { args: []; result: string[] };
    'maintenance.checkWords': { args: []; result: string[] };
    'maintenance.tidy': { args: []; result: void };
    'maintenance.vacuum': { args: []; result: void };
    'maintenance.stats': { args: []; result: BackendStats };
    close: { args: []; result: void };
  };

export type Method = keyof AllMethods;
export type MethodArguments = { [M in Method]: AllMethods[M]['args'] };
export type MethodResult = { [M in Method]: AllMethods[M]['result'] };

/** What the caller's side sends. */
export type WorkerCall<M extends Method = Method> = {
  [Name in M]: { id: number; method: Name; args: MethodArguments[Name] };
}[M];

/** What the worker answers; id 0 tells whether it could open the file. */
export type WorkerReply = { id: number; result: unknown } | { id: number; error: WireError };

/** A StorageError as it crosses the thread. */
export interface WireError {
  code: StorageErrorCode;
  message: string;
  details: StorageErrorDetails;
}

/** What a thread that only reads is asked for. */
export type ReadMethod = Extract<
  Method,
  | 'estate.get'
  | 'estate.vectors'
  | 'estate.history'
  | 'estate.named'
  | 'estate.referringTo'
  | 'estate.list'
  | 'estate.count'
  | 'estate.facets'
  | 'estate.nearest'
  | 'estate.keywords'
>;

/** What a worker is started with. */
export interface WorkerSetup {
  path: string;
  /** `read` opens what is there, and changes nothing. */
  access: 'write' | 'read';
  /** How long a write waits for other processes, in all. */
  busyTimeoutMs: number;
}

/** The buffers in what crosses the thread that may move there instead of being copied. */
export function movable(values: readonly unknown[]): ArrayBuffer[] {
  return values.flatMap((value) =>
    typeof value === 'object' &&
    value !== null &&
    'bytes' in value &&
    value.bytes instanceof Uint8Array &&
    value.bytes.buffer instanceof ArrayBuffer
      ? [value.bytes.buffer]
      : [],
  );
}
