/**
 * Packs the four packages as they would be published, installs them into an empty application outside the workspace and
 * uses them there: ESM, CJS, types, the model, a database file, a command.
 *
 *     node tooling/packed-consumer.ts [--with-transformers] [--no-build]
 *
 * Plain Node 22.18 or later; the application runs on the Node that runs this. Exits with 1 where a check failed.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApplication } from './packed-consumer/application.ts';
import { measureImports } from './packed-consumer/import-cost.ts';
import {
  builderProgram,
  embedderMissingProgram,
  embedderProgram,
  engineProgram,
  exportsProgram,
  type Format,
  runProgram,
  scannerProgram,
  storageProgram,
} from './packed-consumer/programs.ts';
import { Report } from './packed-consumer/report.ts';
import {
  buildPackages,
  inspectTarball,
  lintTarball,
  packPackages,
  type Tarball,
} from './packed-consumer/tarballs.ts';
import { checkTypes, resolutions } from './packed-consumer/types.ts';

/** Everything that is tried; a step that the next ones stand on ends the run where it fails. */
async function checkAll(
  folder: string,
  options: { build: boolean; transformers: boolean },
  report: Report,
): Promise<void> {
  if (options.build && !(await report.check('build', buildPackages))) return;
  let tarballs: Tarball[] = [];
  const isPacked = await report.check('pack', async () => {
    tarballs = await packPackages(folder);
    return `${tarballs.length} tarballs`;
  });
  if (!isPacked) return;
  for (const tarball of tarballs) {
    await report.check(`tarball ${tarball.name}`, () => inspectTarball(tarball));
    await report.check(`publint and attw ${tarball.name}`, () => lintTarball(tarball));
  }

  let app = '';
  const isInstalled = await report.check('npm install of the tarballs', async () => {
    app = await createApplication(folder, tarballs, options.transformers);
  });
  if (!isInstalled) return;
  const specifiers = tarballs.flatMap((tarball) => tarball.specifiers);
  await checkExports(app, specifiers, report);
  for (const resolution of resolutions) {
    await report.check(`types under ${resolution.name}`, () => checkTypes(app, resolution));
  }
  const programs = [
    engineProgram,
    storageProgram,
    scannerProgram,
    builderProgram,
    options.transformers ? embedderProgram : embedderMissingProgram,
  ];
  for (const program of programs) {
    for (const format of ['esm', 'cjs'] as const) {
      const name = `${program.name} from ${format.toUpperCase()}`;
      await report.check(name, () => runProgram(app, format, program));
    }
  }
  await report.check('import cost over an empty program', async () => {
    console.table(await measureImports(app, specifiers));
    return 'goal below 150 ms each, not asserted';
  });
}

async function checkExports(app: string, specifiers: string[], report: Report): Promise<void> {
  const found = new Map<Format, string>();
  for (const format of ['esm', 'cjs'] as const) {
    await report.check(
      `${format === 'esm' ? 'ESM import' : 'CJS require'} of every entry`,
      async () => {
        found.set(format, await runProgram(app, format, exportsProgram(specifiers)));
        return specifiers.join(', ');
      },
    );
  }
  await report.check('the same names from ESM and CJS', async () => {
    const [esm, cjs] = [found.get('esm'), found.get('cjs')];
    if (esm !== cjs) throw new Error(`ESM ${esm}\nCJS ${cjs}`);
  });
}

const { values } = parseArgs({
  options: {
    'with-transformers': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});
const report = new Report();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cloudops-packed-')));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

console.log(
  `Node ${process.version}, ${values['with-transformers'] ? 'with' : 'without'} @huggingface/transformers`,
);
await checkAll(
  folder,
  { build: !values['no-build'], transformers: values['with-transformers'] },
  report,
);
const { failed, passed } = report;
console.log(
  `${passed} passed, ${failed.length} failed${failed.length > 0 ? `: ${failed.join('; ')}` : ''}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
