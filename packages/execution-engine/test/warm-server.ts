import { open, readFile, readdir } from 'node:fs/promises';
import { livingProcesses } from '../src/process/group.ts';

/** The servers of the keepers below a folder, and what they have forked: it bears the same command line. */
export async function warmServers(logDir: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of livingProcesses()) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (line.includes('warm_server.py') && line.includes(logDir)) found.push(pid);
  }
  return found;
}

/** The server itself. */
export async function warmServer(logDir: string): Promise<number> {
  const all = await warmServers(logDir);
  for (const pid of all) if (!all.includes(await parentOf(pid))) return pid;
  throw new Error('there is no server');
}

/** The parent of a process. */
export async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]);
}

/** Whether a process has a text anywhere in the memory that it can write to. */
export async function memoryHolds(pid: number, text: string): Promise<boolean> {
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8');
  await using memory = await open(`/proc/${pid}/mem`, 'r');
  for (const [, from = '', to = ''] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gmu)) {
    const [start, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)];
    const bytes = Buffer.alloc(end - start);
    const { bytesRead } = await memory
      .read(bytes, 0, bytes.length, start)
      .catch(() => ({ bytesRead: 0 }));
    if (bytes.subarray(0, bytesRead).includes(text)) return true;
  }
  return false;
}

/** How many descriptors a process has open, and what it holds in memory. */
export async function sizesOf(pid: number): Promise<{ files: number; kilobytes: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    files: (await readdir(`/proc/${pid}/fd`)).length,
    kilobytes: Number(/VmRSS:\s+(\d+)/u.exec(status)?.[1]),
  };
}
