import { Ref, StepCommand } from 'cloudops-execution-engine';
import { z } from 'zod';

/** Text, or a reference (`steps.ID.outputs.NAME`, `parameters.NAME`) that stands for one whole value, bound once and never parsed again. */
export const TextValue = z.union([z.string(), Ref]);
export type TextValue = z.infer<typeof TextValue>;

const [script, exec, shell, awsCli] = StepCommand.options;

/** What a step runs: the engine's command without `profile` and `allow_param_files`, since credentials and endpoint are the host's. */
export const PlaybookCommand = z.discriminatedUnion('type', [
  script,
  exec,
  shell,
  awsCli.omit({ profile: true, allow_param_files: true }),
]);
export type PlaybookCommand = z.infer<typeof PlaybookCommand>;
