import { appendFile, readFile } from 'node:fs/promises';
import type { EventHandler, ExecutionEvent } from 'cloudops-execution-engine';

/** One execution that has ended. */
export interface HistoryEntry {
  id: string;
  /** The command as it ran, in one line. */
  command: string;
  status: string;
  exit_code: number | null;
  started_at: string | null;
  duration_ms: number;
}

/** Put into the metadata of a command that the user gave: it belongs into the history. */
export const USERS_COMMAND = { source: 'run' } as const;

/** Commands of the user's and steps of playbooks; not the calls that a scan is made of. */
function isUsers(metadata: Readonly<Record<string, unknown>>): boolean {
  return metadata['source'] === USERS_COMMAND.source || 'playbook_id' in metadata;
}

/** Writes a line to the history file for every execution of the user's that ends. Add it to the engine as an event handler. */
export function historyWriter(file: string): EventHandler {
  const commands = new Map<string, string>();
  return {
    async onEvent(event: ExecutionEvent) {
      if (event.type === 'started') {
        commands.set(event.execution_id, event.argv.join(' '));
        return;
      }
      if (event.type !== 'completed' && event.type !== 'failed' && event.type !== 'cancelled')
        return;
      const { result } = event;
      const command = commands.get(event.execution_id) ?? '';
      commands.delete(event.execution_id);
      // A plan has no log of its own; its steps are executions like others.
      if (!('exit_code' in result) || !isUsers(result.metadata)) return;
      const entry: HistoryEntry = {
        id: result.id,
        command: command.slice(0, 500),
        status: result.status,
        exit_code: result.exit_code,
        started_at: result.started_at,
        duration_ms: result.duration_ms,
      };
      await appendFile(file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    },
  };
}

/** The last executions, newest first. A line that a killed program left half written is passed over. */
export async function readHistory(file: string, limit: number): Promise<HistoryEntry[]> {
  let text = '';
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const entries: HistoryEntry[] = [];
  for (const line of text.split('\n').toReversed()) {
    if (entries.length === limit) break;
    const entry = parse(line);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

function parse(line: string): HistoryEntry | null {
  if (line === '') return null;
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is HistoryEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'command' in value &&
    typeof value.command === 'string' &&
    'status' in value &&
    'duration_ms' in value
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
