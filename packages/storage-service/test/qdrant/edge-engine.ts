import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StandInEngine } from './engine.ts';

/**
 * Qdrant's own storage engine in a Python process of this test: the code that a server runs on points, without the server.
 *
 * @param python an interpreter that has `qdrant-edge-py`: 0.8 is the engine of Qdrant 1.19, 0.7 that of 1.18
 */
export function edgeEngine(python: string): StandInEngine {
  const child = spawn(python, [join(import.meta.dirname, 'edge-engine.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer: { result?: unknown; error?: string } = JSON.parse(line);
    const next = waiting.shift();
    if (answer.error === undefined) next?.resolve(answer.result);
    else next?.reject(new Error(answer.error));
  });
  const ended = once(child, 'close');
  child.on('close', () => {
    for (const { reject } of waiting) reject(new Error('The engine has ended.'));
  });
  return {
    call: (collection, path, body) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        if (child.exitCode !== null) return reject(new Error('The engine has ended.'));
        child.stdin.write(`${JSON.stringify({ collection, path, body })}\n`);
      }),
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
