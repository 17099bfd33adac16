import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { z } from 'zod';

/** What a forked process says first, on each of its connections. */
const Greeting = z.union([
  z.object({ call: z.string(), pid: z.int(), startTime: z.string() }),
  z.object({ call: z.string(), stdin: z.literal(true) }),
]);
/** What a forked process says first, on each of its connections. */
export type Greeting = z.infer<typeof Greeting>;

const LONGEST_GREETING = 1024;

/** The socket at which forked processes fetch what they are to do, in a folder that only this user can open. */
export class MeetingPoint {
  readonly path: string;
  readonly #server: Server;
  readonly #expected = new Map<string, (greeting: Greeting, socket: Socket) => void>();
  #listening: Promise<void> | null = null;

  constructor(path: string) {
    this.path = path;
    this.#server = createServer((socket) => this.#greet(socket));
    // Too many open files, for example: then nobody comes, and the call gets a process of its own.
    this.#server.on('error', () => {});
  }

  /** Resolves when it can be connected to. */
  listen(): Promise<void> {
    this.#listening ??= new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.path, resolve);
    });
    return this.#listening;
  }

  /** From now on connections of this call are handed over; others are cut. */
  expect(call: string, meet: (greeting: Greeting, socket: Socket) => void): void {
    this.#expected.set(call, meet);
  }

  /** No more connections of this call. */
  forget(call: string): void {
    this.#expected.delete(call);
  }

  close(): void {
    this.#server.close();
  }

  #greet(socket: Socket): void {
    let said = '';
    socket.setEncoding('utf8');
    // 'close' follows.
    socket.on('error', () => {});
    const listen = (text: string) => {
      said += text;
      const end = said.indexOf('\n');
      if (end < 0 && said.length < LONGEST_GREETING) return;
      socket.off('data', listen);
      const greeting = parse(said.slice(0, Math.max(0, end)));
      const meet = greeting === null ? undefined : this.#expected.get(greeting.call);
      if (greeting === null || meet === undefined) socket.destroy();
      else meet(greeting, socket);
    };
    socket.on('data', listen);
  }
}

function parse(line: string): Greeting | null {
  try {
    return Greeting.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
