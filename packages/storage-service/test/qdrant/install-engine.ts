import { join } from 'node:path';
import { ensureVenv } from 'cloudops-fake-aws';

/**
 * An interpreter with Qdrant's own storage engine, installed on first use; null, with the reason printed, where it cannot be had.
 *
 * @param version of the package `qdrant-edge-py`: 0.8 is the engine of Qdrant 1.19, 0.7 that of 1.18
 */
export async function installEngine(version: string): Promise<string | null> {
  const folder = join(import.meta.dirname, '../../.venv');
  try {
    const venv = await ensureVenv(
      folder,
      `qdrant-edge-py==${version}\n`,
      process.env['PATH'] ?? '',
    );
    return join(venv, 'bin', 'python');
  } catch (error) {
    console.log(
      `qdrant engine: skipped, ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}
