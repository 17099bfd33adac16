import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import { root } from './source-files.ts';

/** Licences that a published package may depend on: permissive, no copyleft. */
const permitted = new Set([
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'CC0-1.0',
  'Unlicense',
  'BlueOak-1.0.0',
  'Python-2.0',
  'MIT OR Apache',
  'MIT-0',
]);

const Listing = z.record(z.string(), z.array(z.object({ name: z.string() })));

const isPermitted = (licence: string): boolean =>
  permitted.has(licence) ||
  licence
    .replace(/[()]/g, '')
    .split(/ OR /)
    .some((one) => permitted.has(one.trim())) ||
  licence
    .replace(/[()]/g, '')
    .split(/ AND /)
    .every((one) => permitted.has(one.trim()));

/** Production dependencies of the published packages under another licence, one line each. */
export function checkLicences(): string[] {
  const output = execFileSync(
    'pnpm',
    ['--silent', '--filter', './packages/*', 'licenses', 'list', '--prod', '--json'],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const listing = Listing.parse(JSON.parse(output));
  return Object.entries(listing).flatMap(([licence, packages]) =>
    isPermitted(licence)
      ? []
      : packages.map(
          ({ name }) => `${name} is under ${licence}, which no published package may depend on`,
        ),
  );
}
