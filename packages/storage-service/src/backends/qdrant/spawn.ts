import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StorageError } from '../../errors.ts';

/** A Qdrant that this process owns. */
export interface SpawnedQdrant {
  url: string;
  apiKey: string;
  /** Ends it: politely, and after 10 s for good. */
  close(): Promise<void>;
}

/** Loading large collections takes its time. */
const readyTimeoutMs = 120_000;
const endTimeoutMs = 10_000;

/**
 * Starts a Qdrant on loopback, at a random port, with a random API key and without telemetry; resolves once it is ready.
 *
 * @throws StorageError `STORE_UNAVAILABLE` with what it said last
 */
export async function spawnQdrant(options: {
  binary: string;
  storagePath: string;
}): Promise<SpawnedQdrant> {
  await mkdir(options.storagePath, { recursive: true, mode: 0o700 });
  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  const apiKey = randomBytes(24).toString('base64url');
  const child = spawn(options.binary, ['--disable-telemetry'], {
    // Qdrant reads ./config and writes beside it unless told otherwise.
    cwd: options.storagePath,
    env: {
      ...process.env,
      QDRANT__SERVICE__HOST: '127.0.0.1',
      QDRANT__SERVICE__HTTP_PORT: String(httpPort),
      QDRANT__SERVICE__GRPC_PORT: String(grpcPort),
      QDRANT__SERVICE__API_KEY: apiKey,
      QDRANT__TELEMETRY_DISABLED: 'true',
      QDRANT__STORAGE__STORAGE_PATH: join(options.storagePath, 'storage'),
      QDRANT__STORAGE__SNAPSHOTS_PATH: join(options.storagePath, 'snapshots'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
  }
  let failure: Error | null = null;
  child.on('error', (error) => {
    failure = error;
  });
  const ended = once(child, 'close').catch(() => {});
  const killWithHost = () => child.kill('SIGKILL');
  process.once('exit', killWithHost);

  const close = async () => {
    process.off('exit', killWithHost);
    if (failure !== null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const isLate = await Promise.race([ended.then(() => false), delay(endTimeoutMs, true)]);
    if (isLate) child.kill('SIGKILL');
    await ended;
  };

  const url = `http://127.0.0.1:${httpPort}`;
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await isReady(url, apiKey))) {
    const hasEnded = failure !== null || child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || Date.now() > deadline) {
      await close();
      throw new StorageError(
        'STORE_UNAVAILABLE',
        `${options.binary} ${hasEnded ? 'did not start' : 'was not ready in time'}: ${said.trim() || String(failure)}`,
        { cause: failure },
      );
    }
    await delay(50);
  }
  return { url, apiKey, close };
}

async function isReady(url: string, apiKey: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, {
      headers: { 'api-key': apiKey },
      signal: AbortSignal.timeout(2000),
    });
    return response.ok;
  } catch {
    return false;
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) {
    throw new StorageError('STORE_UNAVAILABLE', 'No free port was found.');
  }
  return address.port;
}
