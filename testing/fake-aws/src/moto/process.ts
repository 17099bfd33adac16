import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FakeAwsError } from '../errors.ts';

/** A moto server that ends with this process. */
export interface MotoProcess {
  /** The loopback port that it listens on; it was bound by the process itself, so there is no race for it. */
  port: number;
  pid: number;
  /** Ends it; resolves once it has gone. */
  close(): Promise<void>;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const hostScript = fileURLToPath(new URL('./host.py', import.meta.url));

/**
 * Starts moto under the given interpreter and waits until it accepts connections.
 *
 * @throws FakeAwsError `START_FAILED` with what it said
 */
export async function startMoto(python: string, timeoutMs: number): Promise<MotoProcess> {
  const child: Child = spawn(python, [hostScript], {
    env: cleanEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_096);
  });
  // A write to a host that has gone is no news: its exit is.
  child.stdin.on('error', () => {});

  const port = await firstPort(child, timeoutMs).catch((cause: unknown) => {
    child.kill('SIGKILL');
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FakeAwsError('START_FAILED', `moto did not start: ${reason}\n${said}`, { cause });
  });
  return { port, pid: child.pid ?? -1, close: () => end(child) };
}

/** The AWS managed policies can be attached; public machine images are left out, which saves 0.3 s per region. */
const motoSettings = {
  MOTO_IAM_LOAD_MANAGED_POLICIES: 'true',
  MOTO_EC2_LOAD_DEFAULT_AMIS: 'false',
};

/** Settings for moto or the AWS SDK that happen to be in the environment would make tests differ between machines. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|MOTO|PYTHON)_?/.test(name));
  return { ...Object.fromEntries(kept), ...motoSettings };
}

function firstPort(child: Child, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready after ${timeoutMs} ms`)), timeoutMs);
    let line = '';
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      line += text;
      const port = /"port": (\d+)/.exec(line)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
    child.once('close', () => clearTimeout(timer));
  });
}

async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.stdin.end();
  const patience = new AbortController();
  const escalation = delay(5_000, undefined, { signal: patience.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await gone;
  patience.abort();
  await escalation;
}
