import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DemoEstate } from './estate.ts';

const run = promisify(execFile);

/**
 * The state of every instance of some regions, asked of AWS directly: neither the engine nor the scanner nor the store has
 * a part in it.
 *
 * @returns id to state
 */
export async function actualStates(
  { awsCli }: DemoEstate,
  regions: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const states = new Map<string, string>();
  const { PATH = '', HOME = '' } = process.env;
  await Promise.all(
    regions.map(async (region) => {
      const { stdout } = await run(
        awsCli.binary,
        [
          'ec2',
          'describe-instances',
          `--region=${region}`,
          ...(awsCli.endpointUrl === null ? [] : [`--endpoint-url=${awsCli.endpointUrl}`]),
          '--query=Reservations[].Instances[].[InstanceId,State.Name]',
          '--output=text',
        ],
        { env: { PATH, HOME, ...awsCli.env }, signal, maxBuffer: 64 * 1024 * 1024 },
      );
      for (const line of stdout.split('\n')) {
        const [id = '', state = ''] = line.split('\t');
        if (id !== '') states.set(id, state);
      }
    }),
  );
  return states;
}
