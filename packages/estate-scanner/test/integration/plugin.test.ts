import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Lists every module that an import loads, in a process of its own. */
async function modulesOf(specifier: string): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import('${specifier}');
    process.stdout.write(JSON.stringify(loaded));`;
  const args = ['--conditions=cloudops-source', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args, {
    cwd: new URL('../..', import.meta.url),
  });
  const urls: unknown = JSON.parse(stdout);
  return Array.isArray(urls) ? urls.map(String) : [];
}

describe('importing', () => {
  it('the plugin entry loads no library and few files', async () => {
    const modules = await modulesOf('cloudops-estate-scanner/plugin');
    expect(modules.filter((url) => url.includes('node_modules'))).toEqual([]);
    expect(modules.length).toBeLessThan(20);
  });

  it('the package loads neither the IAM client, nor the embedder, nor the engine', async () => {
    const modules = (await modulesOf('cloudops-estate-scanner')).join('\n');
    expect(modules).not.toMatch(/@aws-sdk|@huggingface|onnxruntime|execution-engine\/src/u);
  });
});
