import { spawn } from 'node:child_process';

/** How a program ended and what it printed, both streams in order of arrival. */
export interface Ended {
  code: number | null;
  output: string;
}

/** What the scripts of a package manager set for themselves; a consumer's own `npm install` has none of it. */
const INHERITED_FROM_SCRIPTS =
  /^(npm_(lifecycle|package|command|execpath|node_execpath|config_user_agent)|PNPM_|INIT_CWD|NODE_OPTIONS)/u;

/** Runs a program to its end; it is killed after ten minutes. */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  extraEnv: Record<string, string> = {},
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !INHERITED_FROM_SCRIPTS.test(name),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...Object.fromEntries(inherited), ...extraEnv },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 600_000,
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    // Who interrupts this script interrupts the installation as well.
    const stop = () => child.kill();
    process.once('exit', stop);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', stop);
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}

/** Like {@link run}; throws with the output where the program fails. */
export async function mustRun(...parameters: Parameters<typeof run>): Promise<string> {
  const { code, output } = await run(...parameters);
  if (code === 0) return output;
  const [program, args] = parameters;
  throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
}
