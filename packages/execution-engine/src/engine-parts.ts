import type { Command } from './commands/command.ts';
import { FileStateStore } from './state/file-store.ts';
import { Shelf } from './execution/shelf.ts';
import { Secrets } from './masking/secrets.ts';
import { Meter } from './metrics.ts';
import type { ResolvedOptions } from './options.ts';
import { createLauncher } from './process/create-launcher.ts';
import type { Launcher } from './process/launch.ts';
import { Registry } from './registry.ts';
import { SlotQueue } from './scheduling/queue.ts';
import { memoryStore } from './state/store.ts';
import { ExecutionError, messageOf } from './errors.ts';

/** What an engine is made of. */
export interface EngineParts {
  /** Marks every process of this engine. */
  id: string;
  options: ResolvedOptions;
  launcher: Launcher;
  secrets: Secrets;
  queue: SlotQueue;
  meter: Meter;
  registry: Registry;
}

/** Puts an engine together. */
export function startParts(id: string, options: ResolvedOptions): EngineParts {
  const { maxConcurrent, warmCallShare, awsCli, killGraceMs, maxCaptureBytes, maskAwsKeys } =
    options;
  const { stateDir, onMetric, onProblem } = options;
  const secrets = new Secrets(maskAwsKeys);
  const queue = new SlotQueue(maxConcurrent);
  const meter = new Meter(onMetric);
  const launcher = createLauncher(id, options);
  const registry = new Registry(options, {
    engineId: id,
    launcher,
    queue,
    shareOf: (command) => (meter.isWarm && isShortCall(command) ? warmCallShare : 1),
    secrets,
    store:
      stateDir === null ? memoryStore : new FileStateStore(stateDir, options.syncState, onProblem),
    meter,
    awsCli,
    killGraceMs,
    maxCaptureBytes,
    shelf: new Shelf(),
    onUnstored: (error) => {
      const message = `an end could not be stored: ${messageOf(error)}`;
      onProblem(new ExecutionError('STATE_WRITE_FAILED', message, { cause: error }));
    },
  });
  return { id, options, launcher, secrets, queue, meter, registry };
}

/** Whether a command is one request and its answer. Those of `aws s3` copy files, which takes all that they get. */
function isShortCall(command: Command): boolean {
  return command.type === 'aws_cli' && command.service !== 's3';
}
