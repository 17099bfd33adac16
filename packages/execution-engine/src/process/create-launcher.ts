import { prepareLogDir } from '../logs/directory.ts';
import type { ResolvedOptions } from '../options.ts';
import { directLauncher } from './direct.ts';
import { KeeperLauncher } from './kept.ts';
import type { Launcher } from './launch.ts';

/** The launcher that the options ask for. */
export function createLauncher(engineId: string, options: ResolvedOptions): Launcher {
  if (!options.keeper) return directLauncher();
  const { stateDir, logDir, onHostDeath, killGraceMs, spoolLimitBytes } = options;
  const folder = stateDir ?? logDir;
  const parent = async () => {
    await prepareLogDir(folder);
    return folder;
  };
  return new KeeperLauncher(parent, {
    engineId,
    onHostDeath,
    killGraceMs,
    spoolLimitBytes,
    durable: stateDir !== null,
  });
}
