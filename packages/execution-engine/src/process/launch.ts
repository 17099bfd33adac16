import type { LaunchTicket } from '../state/record.ts';
import type { Failure } from '../result.ts';
import type { StreamName } from '../output/streams.ts';
import type { SecretVariables } from '../state/secrets-apart.ts';
import type { LaunchWay } from '../warm-cli/way.ts';

/** A process to start. */
export interface LaunchSpec {
  /** The execution that it belongs to. */
  executionId: string;
  /** Never read by a shell. A name without a slash is looked up in `searchPath`. */
  program: string;
  args: readonly string[];
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  /** Variables of `env` that an engine which comes later has to know: it masks their values. */
  secretNames: readonly string[];
  /** Must exist. */
  workingDir: string;
  /** Null: its input is empty. */
  stdin: string | null;
  /** Its output is to be in no log: where processes end with their host, nothing of it stays either. */
  isUnlogged?: boolean;
  /** A folder that is to go once the process has ended, also where its host has died by then. */
  temporary?: string;
  /** It is a call of the AWS CLI, which may be a fork of a process that has it loaded. */
  warmCli?: boolean;
}

/**
 * Takes the output of a process as it comes. A promise asks the launcher to hold back until it settles.
 *
 * A chunk is the receiver's to change, and lent until the call returns or its promise settles: what is needed longer is held (see
 * `holdChunk`) or copied.
 */
export type OutputSink = (stream: StreamName, chunk: Buffer) => Promise<void> | undefined;

/** How a process ended. */
export interface ProcessExit {
  code: number | null;
  signal: string | null;
  /** Why the engine does not know, where it does not. */
  failure?: Failure;
}

/** What is known once all output was handed over. */
export interface Drained {
  /** Another process still held the output open; what it writes from now on is not seen. */
  pipesHeldOpen: boolean;
  /** The process did not take all of its input. */
  stdinTruncated: boolean;
  /** Why output was lost, where some was. */
  failure?: Failure;
}

/** A process that runs, as the leader of a process group of its own. */
export interface RunningProcess {
  readonly pid: number;
  /** Tells this process from a later one of the same pid; null where the system does not tell. */
  readonly startTime: string | null;
  /** How it was started, where a warm CLI was asked for. */
  readonly way?: LaunchWay | undefined;
  /** Settles, and never rejects, as soon as the process itself has ended. */
  readonly exited: Promise<ProcessExit>;
  /** Settles, and never rejects, when the sink has got everything: after the exit and the end of the output, or silence. */
  readonly drained: Promise<Drained>;
  /**
   * What is known of it was stored: the launcher may throw away what it kept for an engine that comes later. Without
   * this call a process can be taken over even when the engine dies right after its end.
   */
  release(): void;
}

/** Starts processes: the one place that knows how. */
export interface Launcher {
  /** What has to be known to find the process again after the death of this one; null where it will not survive. */
  reserve(executionId: string): Promise<LaunchTicket | null>;
  /** @throws ExecutionError `SPAWN_FAILED`, with `details.errno`; `INTERRUPTED` where the launcher itself broke down */
  launch(spec: LaunchSpec, sink: OutputSink, ticket: LaunchTicket | null): Promise<RunningProcess>;
  /**
   * Takes over a process that an earlier engine launched, running or not. The sink gets all of its output, from the
   * first byte on.
   *
   * @throws ExecutionError `INTERRUPTED` where nothing is known of it
   */
  resume(executionId: string, ticket: LaunchTicket, sink: OutputSink): Promise<RunningProcess>;
  /**
   * The secret variables of a process that an earlier engine launched; empty where its output holds none any more, null where nobody
   * knows them. Never rejects.
   */
  recall(ticket: LaunchTicket): Promise<SecretVariables | null>;
  /**
   * Removes what launchers of dead engines have left, save what is known of these executions. What cannot be removed is
   * tried again the next time.
   */
  removeRemains(needed: ReadonlySet<string>): Promise<void>;
  /** Gives back what the launcher itself holds. Called when nothing runs any more. */
  close(): Promise<void>;
}
