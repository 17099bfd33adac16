import { chmod, mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { CliError } from './cli-error.ts';

/** Where the program keeps its state, all below one private folder. */
export interface Home {
  folder: string;
  /** The store's SQLite file. */
  store: string;
  /** The key of the store. */
  key: string;
  /** Logs of executions. */
  logs: string;
  /** One line per execution that has ended. */
  history: string;
  /** Keys of requests that were sent. */
  journal: string;
}

/** The paths below a home. `folder`: `--home`, else `CLOUDOPS_HOME`, else `~/.cloudops`. */
export function homeAt(
  folder: string | undefined,
  store: string | undefined,
  env: NodeJS.ProcessEnv,
): Home {
  const home = resolve(folder ?? env['CLOUDOPS_HOME'] ?? join(homedir(), '.cloudops'));
  return {
    folder: home,
    store: store === undefined ? join(home, 'estate.db') : resolve(store),
    key: join(home, 'store.key'),
    logs: join(home, 'logs'),
    history: join(home, 'executions.ndjson'),
    journal: join(home, 'requests.journal'),
  };
}

/**
 * Makes the folder where it is missing, for the user alone.
 *
 * @throws CliError where it cannot be made or is no folder
 */
export async function prepareHome(home: Home): Promise<void> {
  try {
    await mkdir(home.folder, { recursive: true, mode: 0o700 });
    const { mode } = await stat(home.folder);
    // Left open by an earlier program or a careless mkdir: what is in it is the user's alone.
    if ((mode & 0o077) !== 0) await chmod(home.folder, 0o700);
  } catch (error) {
    throw new CliError(
      'environment',
      `The folder ${home.folder} cannot be used.`,
      'Choose another one with --home or CLOUDOPS_HOME.',
      { cause: error },
    );
  }
}
