import { directLauncher } from '../process/direct.ts';
import type { Launcher } from '../process/launch.ts';
import type { MakePipe } from '../process/output-pipe.ts';
import type { WarmCli } from '../warm-cli/launcher.ts';
import type { KeeperConfig } from './protocol.ts';

/** Starts the processes of a keeper: children of its own, and calls of the AWS CLI that may be forks of a warm one. */
export function childLauncher(config: KeeperConfig, makePipe: MakePipe): Launcher {
  const plain = directLauncher(makePipe);
  let warm: Promise<WarmCli> | null = null;
  const load = async () => {
    // On first use: most keepers never run the AWS CLI.
    const { WarmCli } = await import('../warm-cli/launcher.ts');
    const { socket, killGraceMs } = config;
    return new WarmCli({ socket, killGraceMs, makePipe, plain });
  };
  return {
    ...plain,
    launch: async (spec, sink, ticket) => {
      if (spec.warmCli !== true) return plain.launch(spec, sink, ticket);
      warm ??= load();
      return (await warm).launch(spec, sink);
    },
    close: async () => {
      await (await warm)?.close();
    },
  };
}
