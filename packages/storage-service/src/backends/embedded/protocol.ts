import type { StorageErrorCode, StorageErrorDetails } from '../../errors.ts';
import type { ChatBackend, DocumentStore, EstateBackend } from '../backend.ts';

type Methods<Group extends string, Port> = {
  [Name in keyof Port & string as `${Group}.${Name}`]: Port[Name] extends (
    ...args: infer Arguments
  ) => Promise<infer Result>
    ? { args: Arguments; result: Result }
    : never;
};

/** Every method of the port, as the worker knows it: `chat.append`, … */
type AllMethods = Methods<'documents', DocumentStore> &
  Methods<'chat', ChatBackend> &
  Methods<'estate', EstateBackend> & { close: { args: []; result: void } };

export type Method = keyof AllMethods;
export type MethodArguments = { [M in Method]: AllMethods[M]['args'] };
export type MethodResult = { [M in Method]: AllMethods[M]['result'] };

/** What the caller's side sends. */
export interface WorkerCall {
  id: number;
  method: Method;
  args: readonly unknown[];
}

/** What the worker answers; id 0 tells whether it could open the file. */
export type WorkerReply = { id: number; result: unknown } | { id: number; error: WireError };

/** A StorageError as it crosses the thread. */
export interface WireError {
  code: StorageErrorCode;
  message: string;
  details: StorageErrorDetails;
}

/** What a worker is started with. */
export interface WorkerSetup {
  path: string;
  /** How long a write waits for other processes, in all. */
  busyTimeoutMs: number;
}
