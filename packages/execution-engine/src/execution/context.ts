import type { Command } from '../commands/command.ts';
import type { AwsCliOptions } from '../commands/invocation.ts';
import type { Secrets } from '../masking/secrets.ts';
import type { Meter } from '../metrics.ts';
import type { Launcher } from '../process/launch.ts';
import type { SlotQueue } from '../scheduling/queue.ts';
import type { Shelf } from './shelf.ts';
import type { LaunchTicket } from '../state/record.ts';
import type { StateStore } from '../state/store.ts';
import type { StreamName } from '../output/streams.ts';

/** What an execution needs of its engine. */
export interface ExecutionContext {
  engineId: string;
  launcher: Launcher;
  queue: SlotQueue;
  /** How much of a slot a command takes. */
  shareOf: (command: Command) => number;
  secrets: Secrets;
  store: StateStore;
  meter: Meter;
  awsCli: AwsCliOptions;
  killGraceMs: number;
  maxCaptureBytes: number;
  /** Bounds what results keep in memory. */
  shelf: Shelf;
  /** Told why an end could not be stored. */
  onUnstored: (error: unknown) => void;
}

/** What an earlier engine left of an execution that it did not bring to its end. */
export interface Inheritance {
  acceptedAt: number;
  startedAt: number | null;
  attempts: number;
  /** Of the request as it was accepted. */
  body: string;
  /** Null where nobody knows them any more: then nothing is shown of output that is in no log yet. */
  secretValues: readonly string[] | null;
  /** Null where its process was never launched. */
  ticket: LaunchTicket | null;
  /** Bytes of each stream that are in the log already. */
  logged: Readonly<Record<StreamName, number>>;
}
