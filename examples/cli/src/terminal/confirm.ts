import { createInterface } from 'node:readline/promises';
import type { Screen } from './screen.ts';

/**
 * Asks a yes-or-no question at the terminal; anything but "y" or "yes" is no. Where stdin is no terminal the answer is no.
 *
 * @throws the signal's reason where it is aborted while waiting
 */
export async function confirm(
  screen: Screen,
  question: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const reader = createInterface({ input: process.stdin, output: screen.stream });
  // readline takes Ctrl-C for itself while it reads.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
