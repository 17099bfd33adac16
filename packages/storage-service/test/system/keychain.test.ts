import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter((name) => !isInstalled(name));
if (missing.length > 0) {
  console.log(
    `keychain: skipped, ${missing.join(' and ')} not installed (apt-get install dbus gnome-keyring)`,
  );
}

it.skipIf(missing.length > 0)(
  'keeps the key in a real Secret Service, and makes none without it',
  () => {
    const program = join(import.meta.dirname, '../programs/keychain.ts');
    const script = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0" --conditions=cloudops-source "$1" "$2"`;
    const output = execFileSync(
      'dbus-run-session',
      ['--', 'sh', '-c', script, process.execPath, program, join(folder, 'store.db')],
      {
        encoding: 'utf8',
        env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder },
      },
    );
    expect(JSON.parse(output)).toEqual({
      first: 'kept',
      reopened: 'kept',
      otherAccount: 'KEY_NOT_FOUND',
      deleted: 'KEY_NOT_FOUND',
      entryAfterwards: null,
    });
  },
);
