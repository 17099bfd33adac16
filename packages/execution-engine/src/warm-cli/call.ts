import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { signalGroup } from '../process/group.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import type { LaunchSpec } from '../process/launch.ts';
import type { Greeting, MeetingPoint } from './meeting-point.ts';
import type { CallEnd } from './server-messages.ts';
import type { WarmServer } from './server.ts';

/** A server that has not forked by then gets no calls until it is heard of. */
const FORK_MS = 5000;

/** A forked process that has not begun by then is ended, and the call gets another. */
const BEGIN_MS = 30_000;

/** A connection may be seen after the end of its process. */
const LATE_MS = 200;

/** A process that has begun. */
export interface BegunCall extends ProcessIdentity {
  readonly startTime: string;
  /** Resolves when it has ended. */
  ended: Promise<CallEnd>;
  stdinTruncated: () => boolean;
}

/**
 * Has a server fork a process for a call.
 *
 * Nothing of the call runs before the process has said that it begins, and it does not begin without the order, which
 * is given to it once its pid is known: where this gives a reason, nothing was run and nothing will be.
 *
 * @param outputs files that it opens for writing
 * @returns the process, or why there is none
 */
export async function beginCall(
  server: WarmServer,
  meetingPoint: MeetingPoint,
  spec: LaunchSpec,
  outputs: { stdout: string; stderr: string },
): Promise<BegunCall | string> {
  const name = randomUUID();
  const order = JSON.stringify({ ...orderOf(server, spec), ...outputs });
  let stdinTruncated = () => spec.stdin !== null;
  let begun = false;
  let identity: { pid: number; startTime: string } | null = null;
  let met: (socket: Socket) => void = () => {};
  const meeting = new Promise<Socket>((resolve) => {
    met = resolve;
  });
  meetingPoint.expect(name, (greeting: Greeting, socket) => {
    if ('stdin' in greeting) stdinTruncated = feed(socket, spec.stdin ?? '');
    else if (identity !== null) socket.destroy();
    else {
      identity = { pid: greeting.pid, startTime: greeting.startTime };
      met(socket);
    }
  });
  const ended = server.fork(name, spec.args[0] ?? '');
  try {
    const socket = await Promise.race([
      meeting,
      ended.then(async (end) => {
        await delay(LATE_MS, undefined, { ref: false });
        return reasonOf(end);
      }),
      delay(FORK_MS, null, { ref: false }),
    ]);
    if (socket === null) server.distrust();
    if (socket === null || typeof socket === 'string')
      return socket ?? 'the warm AWS CLI did not answer';
    const { pid, startTime } = identity ?? { pid: 0, startTime: '' };
    const answer = await answerOf(socket, order, { pid, startTime });
    if (answer !== '+') return answer.slice(1);
    begun = true;
    return { pid, startTime, ended, stdinTruncated: () => stdinTruncated() };
  } finally {
    // The connection for its input may be seen later than its word that it begins.
    if (begun && spec.stdin !== null) void ended.then(() => meetingPoint.forget(name));
    else meetingPoint.forget(name);
  }
}

/** Gives the order and waits for the word: `+`, or `-` and why not. */
async function answerOf(socket: Socket, order: string, identity: ProcessIdentity): Promise<string> {
  let answer = '';
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (text: string) => {
      answer += text;
      if (answer === '+') resolve();
    });
    socket.once('close', () => resolve());
  });
  socket.end(order);
  const patience = new AbortController();
  const late = delay(BEGIN_MS, true, { signal: patience.signal, ref: false }).catch(() => false);
  if (await Promise.race([answered.then(() => false), late])) {
    // Only its death tells for certain that it will not begin.
    signalGroup(identity, 'SIGKILL');
    await answered;
  }
  patience.abort();
  socket.destroy();
  return answer === '' ? '-the forked process ended before it began' : answer;
}

function orderOf({ program }: WarmServer, { env, args, workingDir, stdin }: LaunchSpec) {
  const PATH = `${program.searchPathPrefix}${env.PATH ?? ''}`;
  const whole = { ...env, ...program.variables(workingDir), ...(PATH !== '' && { PATH }) };
  return {
    // As Node would pass them on: half a surrogate pair becomes U+FFFD.
    args: args.map((text) => text.toWellFormed()),
    env: Object.fromEntries(
      Object.entries(whole).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]),
    ),
    cwd: workingDir,
    stdin: stdin !== null,
    flags: program.flags,
  };
}

function reasonOf(end: CallEnd): string {
  if ('declined' in end) return end.declined;
  return 'lost' in end ? 'the warm AWS CLI has ended' : 'the forked process ended at once';
}

/** Writes the input; tells later whether the process took all of it. */
function feed(socket: Socket, stdin: string): () => boolean {
  let written = false;
  socket.end(stdin, 'utf8', () => {
    written = socket.errored === null;
  });
  return () => {
    socket.destroy();
    return !written;
  };
}
