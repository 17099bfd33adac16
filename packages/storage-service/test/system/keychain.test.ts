import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
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

/** Runs a program in a session with an unlocked keychain of its own; gives what it reports. */
function inSession(program: string, home: string): unknown {
  const script = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0" --conditions=cloudops-source "$1" "$2"`;
  const { stdout } = spawnSync(
    'dbus-run-session',
    [
      '--',
      'sh',
      '-c',
      script,
      process.execPath,
      join(import.meta.dirname, '../programs', program),
      join(home, 'store.db'),
    ],
    {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home },
    },
  );
  return JSON.parse(stdout);
}

function home(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

/** Stands for the window that asks for the password. */
function promptWith(command: string, home: string): void {
  const services = join(home, 'dbus-1/services');
  mkdirSync(services, { recursive: true });
  writeFileSync(
    join(services, 'org.gnome.keyring.SystemPrompter.service'),
    `[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=${command}\n`,
  );
}

it.skipIf(missing.length > 0)(
  'keeps the key in a real Secret Service, and makes none without it',
  () => {
    expect(inSession('keychain.ts', home('kept'))).toEqual({
      first: 'kept',
      reopened: 'kept',
      otherAccount: 'KEY_NOT_FOUND',
      deleted: 'KEY_NOT_FOUND',
      entryAfterwards: null,
    });
  },
);

it.skipIf(missing.length > 0).each([
  { prompt: 'is refused', command: '/bin/false', message: /locked or missing: unlock it/u },
  { prompt: 'stays open', command: '/bin/sleep 6', message: /within 1500 ms.*Unlock it/u },
])(
  'says that a locked keychain is to be unlocked, and keeps its key, when the prompt $prompt',
  ({ prompt, command, message }) => {
    const place = home(prompt.replace(' ', '-'));
    promptWith(command, place);
    const locked = { code: 'KEYCHAIN_UNAVAILABLE', message: expect.stringMatching(message) };
    const report = {
      unlocked: { code: null, message: 'kept' },
      reopened: locked,
      otherStore: locked,
      isBounded: true,
    };
    expect(inSession('locked-keychain.ts', place)).toEqual(report);
    // In the next session it is unlocked, and the key is the one that it was.
    expect(inSession('locked-keychain.ts', place)).toEqual(report);
  },
);
