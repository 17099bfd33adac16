import { spawn } from 'node:child_process';

/** How a short helper program ended. `code` is null where it could not be started or was ended by a signal. */
export interface ProgramOutcome {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Set where the program could not be started at all, e.g. ENOENT. */
  failure: Error | null;
}

const tailBytes = 8_192;

/**
 * Runs a program to its end and keeps the last 8 KB of what it says. Never throws.
 *
 * @param timeoutMs after this the program is killed; the outcome then has code null
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; timeoutMs: number },
): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    const outcome: ProgramOutcome = { code: null, stdout: '', stderr: '', failure: null };
    const child = spawn(program, args, {
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      outcome.stdout = (outcome.stdout + text).slice(-tailBytes);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      outcome.stderr = (outcome.stderr + text).slice(-tailBytes);
    });
    child.once('error', (failure) => resolve({ ...outcome, failure }));
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}
