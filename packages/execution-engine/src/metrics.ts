import type { ExecutionResult } from './result.ts';
import type { LaunchWay } from './warm-cli/way.ts';

/** One measurement, named and attributed as OpenTelemetry wants it. */
export interface Metric {
  /** `executions` and `output_bytes` count up; `spawn_latency_ms` and `duration_ms` are for histograms. */
  name: 'executions' | 'spawn_latency_ms' | 'duration_ms' | 'output_bytes';
  value: number;
  attributes: Readonly<Record<string, string>>;
}

/** Told of every measurement: forward it to whatever counts. */
export type MetricListener = (metric: Metric) => void;

/** How an engine stands. */
export interface EngineMetrics {
  /** Waiting for a slot. */
  queued: number;
  /** Having a slot. */
  running: number;
  /** Executions that ended under this engine. */
  done: Record<ExecutionResult['status'], number>;
  /** From asking for a process to having it. */
  spawn_latency_ms: { count: number; mean: number; max: number };
  /** Calls of the AWS CLI where `warmCli` is `auto`: forks, processes of their own, and why the last of those was one. */
  aws_cli: { warm: number; plain: number; last_plain_reason: string | null };
  /** What processes have put out. */
  output_bytes: number;
}

/** Counts, and tells a listener. */
export class Meter {
  readonly #listener: MetricListener | null;
  readonly #done = { completed: 0, failed: 0, cancelled: 0 };
  readonly #awsCli: EngineMetrics['aws_cli'] = { warm: 0, plain: 0, last_plain_reason: null };
  #wasWarm = false;
  #spawns = 0;
  #spawnMs = 0;
  #longestSpawnMs = 0;
  #bytes = 0;

  constructor(listener: MetricListener | null) {
    this.#listener = listener;
  }

  /** A process was started. */
  spawned(milliseconds: number, way: LaunchWay | undefined): void {
    if (way !== undefined) this.#wasWarm = way.warm;
    if (way?.warm === true) this.#awsCli.warm += 1;
    if (way?.warm === false) {
      this.#awsCli.plain += 1;
      this.#awsCli.last_plain_reason = way.reason;
    }
    this.#spawns += 1;
    this.#spawnMs += milliseconds;
    this.#longestSpawnMs = Math.max(this.#longestSpawnMs, milliseconds);
    this.#tell('spawn_latency_ms', milliseconds);
  }

  /** Whether the last call of the AWS CLI was a fork: the next one will be, as a rule. */
  get isWarm(): boolean {
    return this.#wasWarm;
  }

  /** There was output. The listener hears of it when the execution has ended. */
  output(bytes: number): void {
    this.#bytes += bytes;
  }

  /** An execution has ended. */
  ended(result: ExecutionResult, bytes: number): void {
    this.#done[result.status] += 1;
    const attributes = { status: result.status, code: result.error?.code ?? 'OK' };
    this.#tell('executions', 1, attributes);
    this.#tell('duration_ms', result.duration_ms, attributes);
    this.#tell('output_bytes', bytes, attributes);
  }

  /** The sums so far. */
  read(): Omit<EngineMetrics, 'queued' | 'running'> {
    return {
      done: { ...this.#done },
      spawn_latency_ms: {
        count: this.#spawns,
        mean: this.#spawns === 0 ? 0 : this.#spawnMs / this.#spawns,
        max: this.#longestSpawnMs,
      },
      aws_cli: { ...this.#awsCli },
      output_bytes: this.#bytes,
    };
  }

  #tell(name: Metric['name'], value: number, attributes: Metric['attributes'] = {}): void {
    try {
      this.#listener?.({ name, value, attributes });
    } catch {
      // Whoever counts must not change what is counted.
    }
  }
}
