import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SpoolReader } from '../../../src/keeper/spool-reader.ts';
import { SpoolWriter } from '../../../src/keeper/spool-writer.ts';
import { temporaryFolder } from '../../engine.ts';

const FILES = ['1.spool', '2.spool', '3.spool', '4.spool'];

/** A spool of five files, read while it grows, or only behind its end. */
async function writeAndRead({ keep, live }: { keep: boolean; live: boolean }) {
  const folder = await temporaryFolder();
  const path = (segment: number) => join(folder, `${segment}.spool`);
  const read = { stdout: '', stderr: '' };
  const progress: number[] = [];
  const reader = new SpoolReader({
    path,
    keep,
    sink: (stream, chunk) => {
      read[stream] += chunk.toString();
      return undefined;
    },
    onRead: (bytes) => progress.push(bytes),
  });
  const failures: unknown[] = [];
  let written = () => {};
  const listener = {
    onGrown: (bytes: number) => {
      if (live) reader.grownTo(bytes);
      written();
    },
    onFailed: (error: unknown) => failures.push(error),
  };
  const writer = new SpoolWriter(path, 1_000_000, listener, 100);
  for (let turn = 0; turn < 10; turn += 1) {
    // Each of these is a write of its own, and half a file.
    await new Promise<void>((resolve) => {
      written = resolve;
      void writer.write(turn % 3 === 0 ? 'stderr' : 'stdout', Buffer.alloc(60, `${turn}`));
    });
  }
  await writer.end();
  await reader.finish(live ? writer.size : null);
  expect(failures).toEqual([]);
  expect(writer.segments).toBe(5);
  expect(progress.at(-1)).toBe(writer.size);
  expect(read.stdout).toBe([1, 2, 4, 5, 7, 8].map((turn) => `${turn}`.repeat(60)).join(''));
  expect(read.stderr).toBe([0, 3, 6, 9].map((turn) => `${turn}`.repeat(60)).join(''));
  return (await readdir(folder)).sort();
}

it('files of a spool that were read go while the process still runs', async () => {
  expect(await writeAndRead({ keep: false, live: true })).toEqual(['4.spool']);
});

it('stay for a later engine, which reads them all, also where nobody can tell how many there are', async () => {
  expect(await writeAndRead({ keep: true, live: true })).toEqual(['0.spool', ...FILES]);
  expect(await writeAndRead({ keep: true, live: false })).toEqual(['0.spool', ...FILES]);
});
