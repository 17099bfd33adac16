import { prepareLogDir } from '../logs/directory.ts';
import type { ResolvedOptions } from '../options.ts';
import { directLauncher } from './direct.ts';
import { KeeperLauncher } from './kept.ts';
import type { Launcher } from './launch.ts';

/** The launcher that the options ask for. */
export function createLauncher(engineId: string, options: ResolvedOptions): Launcher {
  if (!options.keeper) return directLauncher();
  const { logDir, killGraceMs, spoolLimitBytes } = options;
  const parent = async () => {
    await prepareLogDir(logDir);
    return logDir;
  };
  return new KeeperLauncher(parent, {
    engineId,
    onHostDeath: 'kill',
    killGraceMs,
    spoolLimitBytes,
    durable: false,
  });
}
