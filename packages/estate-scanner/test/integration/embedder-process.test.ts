import { execFile } from 'node:child_process';
import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const packageFolder = join(import.meta.dirname, '../..');
let folder: string;

/** A copy of the sources in a folder with a hostile name, with or without the optional dependency. */
async function copySources(name: string, withTransformers: boolean): Promise<string> {
  const copy = join(folder, name);
  const modules = join(copy, 'node_modules');
  await mkdir(join(modules, '@huggingface'), { recursive: true });
  for (const part of ['models', 'src']) {
    await cp(join(packageFolder, part), join(copy, part), { recursive: true });
  }
  await writeFile(join(copy, 'package.json'), '{ "type": "module" }');
  const dependencies = ['zod', ...(withTransformers ? ['@huggingface/transformers'] : [])];
  for (const dependency of dependencies) {
    await symlink(join(packageFolder, 'node_modules', dependency), join(modules, dependency));
  }
  return copy;
}

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** Runs a program beside the sources: `MiniLmEmbedder` and `embedder` are there. */
async function run(
  copy: string,
  program: string,
  env: NodeJS.ProcessEnv = {},
  flags: string[] = [],
): Promise<Ended> {
  const file = join(copy, 'src', 'program.ts');
  await writeFile(
    file,
    `import { MiniLmEmbedder } from './embedding/minilm.ts';
     const embedder = new MiniLmEmbedder();
     ${program}`,
  );
  return await new Promise((resolve) => {
    const options = { timeout: 60_000, env: { ...process.env, ...env } };
    const child = execFile(process.execPath, [...flags, file], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    );
  });
}

/** The processes that run a program in a folder. */
async function processesIn(path: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => line.includes(path));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-embedder-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a process with the embedder', () => {
  let copy: string;
  beforeAll(async () => {
    copy = await copySources('h#a %20 ü?', true);
  });

  it('finds model and worker in a folder with #, %, ? and spaces, prints nothing and ends by itself', async () => {
    const ended = await run(copy, `console.log((await embedder.embed(['x']))[0]?.length);`);
    expect(ended).toEqual({ code: 0, signal: null, stdout: '384\n', stderr: '' });
  });

  it('leaves no telemetry of the runtime behind', async () => {
    const scratch = await mkdtemp(join(folder, 'tmp-'));
    const ended = await run(copy, `await embedder.embed(['x']);`, { TMPDIR: scratch });
    expect(ended).toMatchObject({ code: 0 });
    expect(await readdir(scratch)).toEqual([]);
  });

  it('stays alive while a call is pending', async () => {
    const ended = await run(copy, `embedder.embed(['x']).then(([v]) => console.log(v?.length));`);
    expect(ended).toMatchObject({ code: 0, stdout: '384\n' });
  });

  it.each([0, 100, 250, 400, 550, 700])(
    'ends with its own exit code when it exits %i ms into a long call',
    async (delayMs) => {
      const ended = await run(
        copy,
        `setTimeout(() => process.exit(7), ${delayMs});
         await embedder.embed(Array.from({ length: 5000 }, (_, i) => 'server number ' + i));`,
      );
      expect(ended).toEqual({ code: 7, signal: null, stdout: '', stderr: '' });
    },
  );

  it('ends with an uncaught error of its own', async () => {
    const ended = await run(
      copy,
      `setTimeout(() => { throw new Error('mine'); }, 400);
       await embedder.embed(Array.from({ length: 5000 }, (_, i) => 'server number ' + i));`,
    );
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(ended.stderr).toContain('mine');
  });

  it('ends after close() in the middle of a call', async () => {
    const ended = await run(
      copy,
      `const work = embedder.embed(Array.from({ length: 5000 }, (_, i) => 'server number ' + i));
       setTimeout(() => embedder.close(), 350);
       await work.catch((error) => console.log(error.code));`,
    );
    expect(ended).toEqual({ code: 0, signal: null, stdout: 'CLOSED\n', stderr: '' });
  });
});

describe('close() in the middle of a call', () => {
  const close = `const work = embedder.embed(Array.from({ length: 5000 }, (_, i) => 'server number ' + i));
       const outcome = work.catch((error) => error.code);
       await new Promise((resolve) => setTimeout(resolve, 600));
       await embedder.close();
       console.log(await outcome, 'closed');`;
  let copy: string;
  beforeAll(async () => {
    copy = await copySources('closed early', true);
  });

  it.each([
    { where: 'the main thread', program: close },
    {
      where: 'a thread of the host',
      program: `const { isMainThread, Worker } = await import('node:worker_threads');
       if (isMainThread) new Worker(new URL(import.meta.url));
       else { ${close} }`,
    },
  ])('is waited for to its end, in $where', async ({ program }) => {
    const ended = await run(copy, program);
    expect(ended).toEqual({ code: 0, signal: null, stdout: 'CLOSED closed\n', stderr: '' });
  });
});

describe('a worker thread of the host with the embedder', () => {
  /** Runs code of the main thread beside a thread of its own that embeds for long. It tells when it is in the middle. */
  async function runBeside(copy: string, main: string): Promise<Ended> {
    return await run(
      copy,
      `import { once } from 'node:events';
       import { isMainThread, parentPort, Worker } from 'node:worker_threads';
       if (isMainThread) {
         const thread = new Worker(new URL(import.meta.url));
         thread.on('exit', (code) => console.log('thread', code));
         await once(thread, 'message');
         ${main}
       } else {
         await embedder.embed(['loaded']);
         setTimeout(() => parentPort.postMessage('in the middle', []), 100);
         parentPort.once('message', (code) => process.exit(code));
         await embedder.embed(Array.from({ length: 5000 }, (_, i) => 'server number ' + i));
       }`,
    );
  }
  let copy: string;
  beforeAll(async () => {
    copy = await copySources('in a thread', true);
  });

  it.each([
    { how: 'is terminated', main: `await thread.terminate();`, code: 0, stdout: 'thread 1\n' },
    { how: 'exits', main: `thread.postMessage(3);`, code: 0, stdout: 'thread 3\n' },
    { how: 'dies with the process', main: `process.exit(7);`, code: 7, stdout: '' },
  ])('leaves the host alone when it $how', async ({ main, code, stdout }) => {
    const ended = await runBeside(copy, main);
    expect(ended).toEqual({ code, signal: null, stdout, stderr: '' });
  });

  it('leaves no process behind when the host is killed', async () => {
    const ended = await runBeside(copy, `process.kill(process.pid, 'SIGKILL');`);
    expect(ended).toMatchObject({ signal: 'SIGKILL' });
    await expect.poll(() => processesIn(copy), { timeout: 20_000 }).toEqual([]);
  });
});

describe('a process without @huggingface/transformers', () => {
  it('gets a typed error that says what to install', async () => {
    const copy = await copySources('without', false);
    const ended = await run(
      copy,
      `const error = await embedder.embed(['x']).catch((error) => error);
       console.log(error.code, error.retryable, error.message);`,
    );
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('EMBEDDER_UNAVAILABLE false');
    expect(ended.stdout).toContain('npm install @huggingface/transformers@4');
  });
});

describe('a process whose copy of the model was damaged', () => {
  /** Prints the error of a call. */
  const askForError = `const error = await embedder.embed(['x']).catch((error) => error);
     console.log(error.code, error.retryable, error.message);`;
  const flipBit = async (path: string) => {
    const file = await open(path, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 9_000_000);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, 9_000_000);
    await file.close();
  };
  it.each([
    { what: 'by one bit', damage: flipBit },
    { what: 'by its end', damage: (path: string) => truncate(path, 5_000_000) },
    { what: 'as a whole', damage: (path: string) => rm(path) },
  ])('$what gets a typed error instead of vectors', async ({ what, damage }) => {
    const copy = await copySources(`damaged ${what}`, true);
    await damage(join(copy, 'models/all-MiniLM-L6-v2/onnx/model_quantized.onnx'));
    const ended = await run(copy, askForError);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^EMBEDDER_UNAVAILABLE false .*model_quantized\.onnx/u);
  });
});

describe('a process that may not start threads', () => {
  it('gets a typed error', async () => {
    const copy = await copySources('restricted', true);
    const ended = await run(
      copy,
      `const error = await embedder.embed(['x']).catch((error) => error);
       console.log(error.code, error.message);
       await embedder.close();`,
      {},
      ['--permission', '--allow-fs-read=*'],
    );
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('EMBEDDER_UNAVAILABLE');
    expect(ended.stdout).toContain('--allow-worker');
  });
});
