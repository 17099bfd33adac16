import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './source-files.ts';

/** Programs that the system tests use, and the Debian package of each. */
const needed: Record<string, string> = {
  'dbus-run-session': 'dbus',
  'gnome-keyring-daemon': 'gnome-keyring',
};

const isOnPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const run = (program: string, args: readonly string[]): boolean => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, args, { cwd: root, env, stdio: 'inherit' }).status === 0;
};

/** Runs apt-get as root, through sudo where that is needed and asks for nothing. */
const aptGet = (...args: string[]): boolean =>
  process.getuid?.() === 0
    ? run('apt-get', ['-qq', ...args])
    : isOnPath('sudo') && run('sudo', ['-n', 'apt-get', '-qq', ...args]);

const missing = Object.entries(needed).filter(([program]) => !isOnPath(program));
const packages = missing.map(([, name]) => name);
if (packages.length > 0) {
  const installed =
    isOnPath('apt-get') &&
    aptGet('update') &&
    aptGet('install', '--yes', '--no-install-recommends', ...packages);
  if (!installed)
    console.error(
      `Could not install ${packages.join(', ')}: the tests that need them are skipped.`,
    );
}

const passed = run('vitest', ['run', '--config', 'vitest.system.ts', ...process.argv.slice(2)]);
process.exitCode = passed ? 0 : 1;
