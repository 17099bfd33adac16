import { readFile } from 'node:fs/promises';
import { CliError } from './cli-error.ts';
import { homeAt, type Home } from './home.ts';

/** Options that every command takes, as they were given. */
export interface GlobalFlags {
  home?: string;
  store?: string;
  profile?: string;
  regions?: string[];
  server?: string;
  tokenFile?: string;
  json?: boolean;
}

/** What a command works with: flags, variables and defaults put together. */
export interface Settings {
  readonly home: Home;
  readonly profile: string | undefined;
  readonly regions: readonly string[] | undefined;
  readonly server: { url: string; token: string | null } | null;
  readonly json: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Settings of one run: a flag wins over its variable (`CLOUDOPS_HOME`, `CLOUDOPS_SERVER_URL`,
 * `CLOUDOPS_SERVER_TOKEN`), which wins over the default. A token has no flag of its own: other users of the machine
 * could read it in the list of processes.
 *
 * @throws CliError `usage` for a URL that is none, `environment` for a token file that cannot be read
 */
export async function resolveSettings(
  flags: GlobalFlags,
  env: NodeJS.ProcessEnv,
): Promise<Settings> {
  const url = flags.server ?? env['CLOUDOPS_SERVER_URL'] ?? '';
  if (url !== '' && !URL.canParse(url)) {
    throw new CliError(
      'usage',
      `"${url}" is no URL.`,
      'Give one like https://planner.example.com.',
    );
  }
  return Object.freeze({
    home: homeAt(flags.home, flags.store, env),
    profile: flags.profile,
    regions: flags.regions,
    server: url === '' ? null : { url, token: await tokenOf(flags.tokenFile, env) },
    json: flags.json ?? false,
    env,
  });
}

async function tokenOf(file: string | undefined, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (file === undefined) return env['CLOUDOPS_SERVER_TOKEN'] ?? null;
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CliError(
      'environment',
      `The token file ${file} cannot be read.`,
      'Write the server’s token into it, or set CLOUDOPS_SERVER_TOKEN.',
      { cause: error },
    );
  }
}
