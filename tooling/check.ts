import { spawn } from 'node:child_process';
import { checkCycles } from './cycles.ts';
import { checkFileLength } from './file-length.ts';
import { checkLayers } from './layers.ts';
import { checkLicences } from './licences.ts';
import { root } from './source-files.ts';

/** What one check found: problems fail the run, notes do not. */
interface Findings {
  problems: string[];
  notes?: string[];
}

const run = (program: string, args: readonly string[]): Promise<Findings> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ problems: code === 0 ? [] : [Buffer.concat(output).toString('utf8')] });
    });
  });

const checks: Record<string, () => Findings | Promise<Findings>> = {
  types: () => run('tsc', ['-p', 'tsconfig.json', '--noEmit']),
  lint: () => run('oxlint', ['--type-aware', '--deny-warnings']),
  format: () => run('oxfmt', ['--check']),
  'file length': checkFileLength,
  layers: () => ({ problems: [...checkLayers(), ...checkCycles()] }),
  'unused code': () => run('knip', []),
  licences: () => ({ problems: checkLicences() }),
  packages: () => run('node', ['tooling/packed-consumer.ts', '--with-transformers']),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in checks));
if (unknown.length > 0) {
  console.error(
    `No check is called ${unknown.join(', ')}; there are: ${Object.keys(checks).join(', ')}.`,
  );
  process.exit(2);
}

let failed = false;
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = performance.now();
  const { problems, notes = [] } = await check();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  for (const line of [...problems, ...notes]) console.log(line.replace(/^/gm, '     '));
  failed ||= problems.length > 0;
}
process.exitCode = failed ? 1 : 0;
