import type { LaunchSpec } from '../process/launch.ts';
import type { Failure } from '../result.ts';
import type { SecretVariables } from '../state/secrets-apart.ts';
import type { LaunchWay } from '../warm-cli/way.ts';

/** What a keeper is started with, as one JSON argument. */
export interface KeeperConfig {
  /** The cookie of everything that this engine starts. */
  engineId: string;
  /** A folder of its own, mode 0700: spools and exit records. */
  folder: string;
  socket: string;
  /** What becomes of running processes when the host dies. */
  onHostDeath: 'kill' | 'keep';
  killGraceMs: number;
  /** Above this many bytes that nobody has read, the process is held back. */
  spoolLimitBytes: number;
  /** Exit records are written to disk as well. */
  durable: boolean;
}

/** From the engine to the keeper. */
export type ToKeeper =
  | { op: 'launch'; launch: string; spec: LaunchSpec }
  /** The engine has read the spool so far. */
  | { op: 'read'; launch: string; bytes: number }
  /** The engine is done with it: the spool and the record can go. */
  | { op: 'forget'; launch: string }
  /** A new engine takes over: tell again what is known of this one. */
  | { op: 'attach'; launch: string }
  /** A new engine has to mask what this one must not say: its secrets are nowhere on disk. */
  | { op: 'recall'; launch: string }
  /** What was asked for is over: it may leave, unless it has something that was not asked for yet. */
  | { op: 'retire' }
  /** Nothing runs any more, and no more is to come. */
  | { op: 'shutdown' };

/** From the keeper to the engine. */
export type FromKeeper =
  | {
      event: 'started';
      launch: string;
      pid: number;
      startTime: string | null;
      way?: LaunchWay | undefined;
    }
  | { event: 'refused'; launch: string; message: string; errno: string | null }
  | { event: 'spooled'; launch: string; bytes: number }
  | { event: 'spool_failed'; launch: string; errno: string | null; message: string }
  /** Its output goes on; without this message it ended with its process. */
  | ({ event: 'exited'; launch: string } & ExitMessage)
  | ({ event: 'ended'; launch: string } & ExitRecord)
  | { event: 'recalled'; launch: string; secrets: SecretVariables | null }
  | { event: 'unknown'; launch: string };

/** How the process itself ended. */
export interface ExitMessage {
  code: number | null;
  signal: string | null;
  /** The keeper ended it, because the host died. */
  killed: boolean;
  /** Why the keeper does not know, where it does not. */
  failure?: Failure | undefined;
}

/** What is known once its output is complete. */
export interface EndMessage {
  /** The size of the spool. */
  bytes: number;
  pipesHeldOpen: boolean;
  stdinTruncated: boolean;
}

/** What a keeper leaves on disk for an engine that comes later. */
export type ExitRecord = ExitMessage &
  EndMessage & {
    /** Stars stand for the secrets in the spool, so that nobody has to know them. */
    redacted?: boolean | undefined;
  };

/** In the folder of a keeper: its pid and start time, so that what it left can be told from what it still needs. */
export const IDENTITY_FILE = 'keeper.json';

/** Where the spool of a launch lies: one file after the other, the first being 0. */
export function spoolPath(folder: string, launch: string, segment: number): string {
  return segment === 0 ? `${folder}/${launch}.spool` : `${folder}/${launch}.${segment}.spool`;
}

/** Where the exit record of a launch lies. */
export function exitRecordPath(folder: string, launch: string): string {
  return `${folder}/${launch}.exit`;
}

/** One message as a line. */
export function encodeMessage(message: ToKeeper | FromKeeper): string {
  return `${JSON.stringify(message)}\n`;
}

/** Puts the lines of a stream together again. */
export class MessageDecoder<Message> {
  #begun: string[] = [];

  /** The messages that are complete. Both ends are this package, in a folder that only this user can open. */
  push(text: string): Message[] {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    const [first, ...others] = lines;
    const complete = first === undefined ? [] : [[...this.#begun, first].join(''), ...others];
    // Parts of a long one are put together once: doing so for each would take quadratic time.
    if (first !== undefined) this.#begun = [];
    if (rest !== '') this.#begun.push(rest);
    return complete.map((line): Message => JSON.parse(line));
  }
}
