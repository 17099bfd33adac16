import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { readHistory, type HistoryEntry } from '../history.ts';
import { safe } from '../terminal/screen.ts';
import { writeTable } from '../terminal/table.ts';
import { seconds } from '../views/scan-summary.ts';
import { shortened } from '../views/search-results.ts';
import type { Command } from './command.ts';

/** Options of `logs`. */
export interface LogsOptions {
  /** An execution's id, or the beginning of one. Absent: the list. */
  id?: string;
  limit: number;
}

/** Lists what was run, or prints the log of one execution. */
export const logs: Command<LogsOptions> = async ({ session, out, json }, { id, limit }) => {
  const { home } = session.settings;
  if (id === undefined) {
    const entries = await readHistory(home.history, limit);
    if (session.settings.json) json({ executions: entries });
    else if (entries.length === 0) out.line('Nothing was run yet.');
    else showHistory(out, entries);
    return EXIT.ok;
  }
  const full = await fullId(id, home.history);
  const path = join(home.logs, `${full}.log`);
  try {
    await access(path);
  } catch (error) {
    throw new CliError('failed', `There is no log of ${full}.`, 'List what there is with "logs".', {
      cause: error,
    });
  }
  const log = createReadStream(path);
  log.pipe(process.stdout, { end: false });
  await finished(log);
  return EXIT.ok;
};

async function fullId(id: string, history: string): Promise<string> {
  // It becomes part of a path.
  if (!/^[0-9a-f-]{4,36}$/i.test(id)) {
    throw new CliError('usage', `"${id}" is no id.`, 'Give the first characters of one in "logs".');
  }
  const entries = await readHistory(history, Number.POSITIVE_INFINITY);
  const matching = new Set(entries.map((entry) => entry.id).filter((one) => one.startsWith(id)));
  const [only] = matching;
  if (matching.size === 1 && only !== undefined) return only;
  if (matching.size === 0) return id;
  throw new CliError(
    'usage',
    `${matching.size} executions begin with ${id}.`,
    'Give more characters.',
  );
}

function showHistory(out: Parameters<typeof writeTable>[0], entries: HistoryEntry[]): void {
  writeTable(
    out,
    [
      { title: 'id' },
      { title: 'started' },
      { title: 'status' },
      { title: 'took', align: 'right' },
      { title: 'command' },
    ],
    entries.map((entry) => [
      entry.id.slice(0, 8),
      entry.started_at?.slice(0, 19).replace('T', ' ') ?? '',
      entry.exit_code === null || entry.exit_code === 0
        ? entry.status
        : `${entry.status} (${entry.exit_code})`,
      seconds(entry.duration_ms),
      shortened(safe(entry.command), Math.max(30, out.width - 62)),
    ]),
  );
}
