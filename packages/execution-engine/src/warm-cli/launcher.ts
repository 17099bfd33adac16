import { dirname, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { pump } from '../process/direct.ts';
import type {
  Launcher,
  LaunchSpec,
  OutputSink,
  ProcessExit,
  RunningProcess,
} from '../process/launch.ts';
import type { MakePipe, OutputPipe } from '../process/output-pipe.ts';
import { terminate } from '../process/terminate.ts';
import { beginCall } from './call.ts';
import type { BegunCall } from './call.ts';
import { MeetingPoint } from './meeting-point.ts';
import { ServerPool } from './pool.ts';

/** What the warm AWS CLI needs of its keeper. */
export interface WarmCliSettings {
  /** A socket in a folder that only this user can open: another goes beside it. */
  socket: string;
  killGraceMs: number;
  makePipe: MakePipe;
  /** Starts processes of their own. */
  plain: Launcher;
}

/** Starts calls of the AWS CLI as forks of a process that has it loaded, where that does the same. */
export class WarmCli {
  readonly #settings: WarmCliSettings;
  readonly #meetingPoint: MeetingPoint;
  readonly #pool: ServerPool;

  constructor(settings: WarmCliSettings) {
    this.#settings = settings;
    this.#meetingPoint = new MeetingPoint(join(dirname(settings.socket), 'w'));
    this.#pool = new ServerPool(this.#meetingPoint.path);
  }

  /** @throws ExecutionError as {@link Launcher.launch} does */
  async launch(spec: LaunchSpec, sink: OutputSink): Promise<RunningProcess> {
    const running = await this.#fork(spec, sink).catch(messageOf);
    if (typeof running !== 'string') return running;
    const plain = await this.#settings.plain.launch(spec, sink, null);
    return { ...plain, way: { warm: false, reason: running } };
  }

  /** Ends the servers. */
  async close(): Promise<void> {
    await this.#pool.close();
    this.#meetingPoint.close();
  }

  async #fork(spec: LaunchSpec, sink: OutputSink): Promise<RunningProcess | string> {
    const server = await this.#pool.serverFor(spec);
    if (typeof server === 'string') return server;
    await this.#meetingPoint.listen();
    const { makePipe } = this.#settings;
    const pipes: (OutputPipe | null)[] = [];
    let call: BegunCall | string;
    try {
      pipes.push(await makePipe(), await makePipe());
      const [stdout, stderr] = pipes;
      call =
        stdout && stderr
          ? await beginCall(server, this.#meetingPoint, spec, {
              stdout: pathOf(stdout),
              stderr: pathOf(stderr),
            })
          : 'there are no named pipes';
    } catch (error) {
      call = messageOf(error);
    }
    if (typeof call !== 'string') return this.#running(call, spec, pipes, sink);
    for (const pipe of pipes) {
      pipe?.closeWriteEnd();
      pipe?.stream.destroy();
      pipe?.release(false);
    }
    return call;
  }

  #running(
    call: BegunCall,
    spec: LaunchSpec,
    pipes: readonly (OutputPipe | null)[],
    sink: OutputSink,
  ): RunningProcess {
    const { pid, startTime } = call;
    const outputs = (['stdout', 'stderr'] as const).map((name, index) => {
      const pipe = pipes[index] ?? null;
      const pumping = pump(pipe, name, sink);
      // Its process has it open now.
      pipe?.closeWriteEnd();
      return { pipe, pumping };
    });
    const exited = this.#exitOf(call, spec);
    return {
      pid,
      startTime,
      way: { warm: true },
      exited,
      drained: exited.then(async () => {
        const held = await Promise.all(
          outputs.map(async ({ pipe, pumping }) => {
            const gaveUp = await pumping.finish();
            pipe?.release(!gaveUp);
            return gaveUp;
          }),
        );
        return { pipesHeldOpen: held.includes(true), stdinTruncated: call.stdinTruncated() };
      }),
      release: () => {},
    };
  }

  async #exitOf({ pid, startTime, ended }: BegunCall, spec: LaunchSpec): Promise<ProcessExit> {
    const end = await ended;
    if ('exit' in end) return end.exit;
    // Nobody would hear how it ends, so it ends here, as with a keeper that was killed.
    const target = { cookies: new Set([spec.executionId]), leaders: [{ pid, startTime }] };
    await terminate(target, this.#settings.killGraceMs);
    return { code: null, signal: null, failure: LOST };
  }
}

const LOST = {
  code: 'INTERRUPTED',
  message: 'the warm AWS CLI was lost while the call ran, and with it the exit code',
} as const;

/** By this name a process of the same user opens it anew. */
function pathOf(pipe: OutputPipe): string {
  return `/proc/${process.pid}/fd/${pipe.writeEnd}`;
}
