import { z } from 'zod';
import { Json } from './json.ts';

/** `steps.ID.outputs.NAME` or `parameters.NAME`: stands for one whole value, which is bound once and never parsed again. */
export const Reference = z.strictObject({
  $ref: z
    .string()
    .regex(
      /^(?:steps\.[A-Za-z_][\w-]*\.outputs|parameters)\.[A-Za-z_][\w-]*$/,
      'expected steps.ID.outputs.NAME or parameters.NAME',
    ),
});
export type Reference = z.infer<typeof Reference>;

/** Text, or a reference that becomes one. */
export const TextValue = z.union([z.string(), Reference]);
export type TextValue = z.infer<typeof TextValue>;

const ScriptCommand = z.strictObject({
  type: z.literal('script'),
  path: z.string().nullish(),
  content: z.string().nullish(),
  /** `bash`, `sh`, `python` or a program. */
  interpreter: z.string().nullish(),
  args: z.array(TextValue).nullish(),
});

const ExecCommand = z.strictObject({
  type: z.literal('exec'),
  program: z.string().min(1),
  args: z.array(TextValue).nullish(),
});

const ShellCommand = z.strictObject({
  type: z.literal('shell'),
  command: z.string().min(1),
  shell: z.enum(['sh', 'bash']).nullish(),
});

const AwsCliCommand = z.strictObject({
  type: z.literal('aws_cli'),
  service: z.string().min(1),
  operation: z.string().min(1),
  /** By the API's own names (`InstanceIds`) or by option names (`instance-ids`). */
  parameters: z.record(z.string(), Json).nullish(),
  args: z.array(TextValue).nullish(),
  region: z.string().nullish(),
  query: z.string().nullish(),
  output: z.string().nullish(),
});

/** What a step runs: the engine's command without `profile` and `allow_param_files`, since credentials and endpoint are the host's. */
export const PlaybookCommand = z.discriminatedUnion('type', [
  ScriptCommand,
  ExecCommand,
  ShellCommand,
  AwsCliCommand,
]);
export type PlaybookCommand = z.infer<typeof PlaybookCommand>;
