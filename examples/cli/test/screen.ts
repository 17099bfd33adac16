import { clearLine, cursorTo, moveCursor } from 'node:readline';
import { PassThrough } from 'node:stream';
import { createScreen, type Screen } from '../src/terminal/screen.ts';

/** A screen that keeps what was written. */
export function testScreen(
  terminal: { isTTY?: boolean; columns?: number } = {},
  env: NodeJS.ProcessEnv = { TERM: 'xterm' },
): { screen: Screen; text: () => string } {
  const pipe = new PassThrough();
  // What a terminal's stream has and a pipe has not.
  const stream = Object.assign(pipe, terminal, {
    cursorTo: (x: number) => cursorTo(pipe, x),
    moveCursor: (dx: number, dy: number) => moveCursor(pipe, dx, dy),
    clearLine: (direction: -1 | 0 | 1) => clearLine(pipe, direction),
  });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return {
    screen: createScreen(stream, env),
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
