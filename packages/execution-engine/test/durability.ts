import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { ExecutionEngine } from '../src/index.ts';
import type { EngineOptions, ExecutionResult } from '../src/index.ts';
import { livingProcesses } from '../src/process/group.ts';
import { allEvents, temporaryFolder } from './engine.ts';
import { startFixture } from './host.ts';

/** Whether it is time to kill the host: by what it has accepted, and the logs so far. */
export type Moment = (ids: readonly string[], logOf: (id: string | undefined) => string) => boolean;

/** Once so many of the executions have said something: a moment that a slow machine does not move. */
export function onceSpoken(count: number): Moment {
  const spoken = new Set<string>();
  return (ids, logOf) => {
    for (const id of ids) if (!spoken.has(id) && logOf(id) !== '') spoken.add(id);
    return ids.length > 0 && spoken.size >= count;
  };
}

/** What became of executions whose host was killed. */
export interface Aftermath {
  ids: string[];
  results: ExecutionResult[];
}

/**
 * Starts a host that accepts one execution per shell line, kills it with -9 at a moment, and looks with a new
 * engine at what became of those that it had accepted: each has exactly one end, and a complete log.
 *
 * @param alsoKeeper whether its keeper is killed in the same moment
 */
export async function killHost(
  lines: readonly string[],
  moment: number | Moment,
  more: EngineOptions,
  alsoKeeper = false,
): Promise<Aftermath> {
  const folder = await temporaryFolder();
  const options = {
    logDir: `${folder}/logs`,
    stateDir: `${folder}/state`,
    killGraceMs: 300,
    ...more,
  };
  const host = startFixture('durable-host.mjs', JSON.stringify(options), JSON.stringify(lines));
  const ids: string[] = [];
  const exited = once(host.child, 'exit');
  const kill = () => {
    host.child.kill('SIGKILL');
    for (const pid of alsoKeeper ? keepersOf(folder) : []) process.kill(pid, 'SIGKILL');
  };
  const logOf = (id: string | undefined) => {
    const path = `${options.logDir}/${id}.log`;
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const timer =
    typeof moment === 'number'
      ? setTimeout(kill, moment)
      : setInterval(() => moment(ids, logOf) && kill(), 10);
  for await (const said of host.said) ids.push(said.id);
  clearTimeout(timer);
  await exited;

  await using engine = new ExecutionEngine(options);
  const results: ExecutionResult[] = [];
  for (const id of ids) {
    const result = await engine.getResult(id);
    const events = await allEvents(engine, id);
    expect(events.filter((event) => 'result' in event)).toHaveLength(1);
    expect(events.at(-1)?.type).toBe(result.status);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    expect(await engine.readLogs(id)).not.toContain('correct-horse');
    results.push(result);
  }
  // Also what was stored, though its host was killed before it could say the id.
  for (const { id } of await engine.list({ limit: 10_000 })) await engine.getResult(id);
  const known = await engine.list({ limit: 10_000 });
  expect(known.filter(({ status }) => status === 'running' || status === 'queued')).toEqual([]);
  return { ids, results };
}

/** The keepers that have their folder below `folder`. */
function keepersOf(folder: string): number[] {
  return livingProcesses().filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return command.includes('engine-keeper') && command.includes(folder);
    } catch {
      return false;
    }
  });
}
