import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StorageError } from '../../errors.ts';
import type { QdrantSpawnConfig } from './config.ts';
import { lockStorage, type StorageLock } from './storage-lock.ts';

/** A Qdrant that this process owns. */
export interface SpawnedQdrant {
  url: string;
  apiKey: string;
  /** Ends it: politely, and after 10 s for good. */
  close(): Promise<void>;
}

/** Loading large collections takes its time. */
const defaultReadyTimeoutMs = 120_000;
/** Someone else may take the port between our look and its start. */
const attempts = 3;
/**
 * Runs a program until the standard input ends, which it does with this process, however it dies; then ends the program, politely and
 * after 10 s for good. Qdrant itself would go on without its owner.
 */
const guard = `exec 3<&0
"$0" "$@" </dev/null 3<&- & server=$!
{ cat <&3 >/dev/null; kill $server
  for wait in 1 2 3 4 5 6 7 8 9 10; do kill -0 $server || exit; sleep 1; done
  kill -9 $server; } >/dev/null 2>&1 & watcher=$!
exec 3<&-
wait $server; code=$?
kill $watcher 2>/dev/null
exit $code`;

/**
 * Starts a Qdrant on loopback, at a random port, with a random API key and without telemetry; resolves once it is ready. It ends with
 * this process, also when that is killed.
 *
 * @throws StorageError `STORE_UNAVAILABLE` with what it said last, `STORE_BUSY` when the folder is used by another process
 */
export async function spawnQdrant(given: QdrantSpawnConfig['spawn']): Promise<SpawnedQdrant> {
  // Seen from here: the program runs in its own folder.
  const binary = /[/\\]/u.test(given.binary) ? resolve(given.binary) : given.binary;
  const options = { ...given, binary, storagePath: resolve(given.storagePath) };
  const lock = await lockStorage(options.storagePath);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const server = await start(options, lock);
      if (server.failure === null) return server.spawned;
      const isPortTaken = /address (already )?in use|EADDRINUSE/iu.test(server.failure);
      if (!isPortTaken || attempt === attempts) {
        throw new StorageError('STORE_UNAVAILABLE', server.failure);
      }
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function start(
  options: QdrantSpawnConfig['spawn'],
  lock: StorageLock,
): Promise<{ failure: string } | { failure: null; spawned: SpawnedQdrant }> {
  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  const apiKey = randomBytes(24).toString('base64url');
  const child = launch(options, { httpPort, grpcPort, apiKey });
  const said = lastWords(child);
  const ended = once(child, 'close').catch(() => {});
  if (child.pid !== undefined) await lock.hold(child.pid);
  const close = async () => {
    child.stdin?.destroy();
    await ended;
    await lock.release();
  };
  const url = `http://127.0.0.1:${httpPort}`;
  const deadline = Date.now() + (options.readyTimeoutMs ?? defaultReadyTimeoutMs);
  const hasEnded = () =>
    child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  while (!(await isReady(url, apiKey))) {
    if (hasEnded() || Date.now() > deadline) {
      const problem = hasEnded() ? 'did not start' : 'was not ready in time';
      child.stdin?.destroy();
      await ended;
      return { failure: `${options.binary} ${problem}: ${said() || 'it said nothing'}` };
    }
    await delay(50);
  }
  return { failure: null, spawned: { url, apiKey, close } };
}

function launch(
  options: QdrantSpawnConfig['spawn'],
  { httpPort, grpcPort, apiKey }: { httpPort: number; grpcPort: number; apiKey: string },
): ChildProcess {
  const argv = [options.binary, '--disable-telemetry'];
  const [program = '', ...args] =
    process.platform === 'win32' ? argv : ['/bin/sh', '-c', guard, ...argv];
  const child = spawn(program, args, {
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
    // A group of its own: an interrupt from the terminal is for this process, which then closes the storage.
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // It may end first.
  child.stdin?.on('error', () => {});
  return child;
}

/** Collects the end of what a program says. */
function lastWords(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000);
    });
  }
  child.on('error', (error) => {
    said = error.message;
  });
  return () => said.trim();
}

/** Whether ours answers: another server at the port would not refuse a caller without the key. */
async function isReady(url: string, apiKey: string): Promise<boolean> {
  const ask = (path: string, headers: Record<string, string>) =>
    fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(2000) });
  try {
    const ready = await ask('/readyz', { 'api-key': apiKey });
    await ready.body?.cancel();
    const stranger = await ask('/collections', {});
    await stranger.body?.cancel();
    return ready.ok && (stranger.status === 401 || stranger.status === 403);
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
