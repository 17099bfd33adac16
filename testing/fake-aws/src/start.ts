import { type Faults, faultRegistry } from './faults/faults.ts';
import { createIdentities } from './iam/identities.ts';
import { simulateHandler } from './iam/simulate.ts';
import { motoClient } from './moto/client.ts';
import { startMoto } from './moto/process.ts';
import type { FakeAwsOptions } from './options.ts';
import { listBucketsHandler } from './proxy/buckets.ts';
import { callCounts } from './proxy/counts.ts';
import { describeRegionsHandler } from './proxy/regions.ts';
import { startProxy } from './proxy/server.ts';
import { type EstateSummary, type SeedOptions, seedEstate } from './seed/estate.ts';
import { ensureAwsTools } from './tools/tools.ts';

/** A running AWS endpoint on loopback. */
export interface FakeAws extends AsyncDisposable {
  /** Where it listens, e.g. `http://127.0.0.1:41234`. */
  endpointUrl: string;
  /** The AWS variables for a child process: endpoint, region, the operator's key, and no configuration of the user's. */
  env: Record<string, string>;
  /** The AWS CLI, an absolute path. */
  awsBinary: string;
  /** Process id of moto, for tests that look whether it has gone. */
  motoPid: number;
  /** Fills the account; see {@link seedEstate}. */
  seedEstate(options: SeedOptions): Promise<EstateSummary>;
  /** Calls so far per `service:Operation`, e.g. `{ 'ec2:DescribeInstances': 3 }`. The seed is not counted. */
  counts(): Record<string, number>;
  /** The same per region. */
  countsByRegion(): Record<string, Record<string, number>>;
  resetCounts(): void;
  /** Faults to inject into calls. */
  faults: Faults;
  /** Ends proxy and moto. Also at the death of this process nothing is left running. */
  close(): Promise<void>;
}

/**
 * Starts moto and the proxy in front of it on free loopback ports.
 *
 * @throws FakeAwsError `PYTHON_MISSING`, `VENV_FAILED`, `INSTALL_FAILED`, `START_FAILED`
 */
export async function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  const tools = await ensureAwsTools(options);
  const moto = await startMoto(tools.python, options.startTimeoutMs ?? 60_000);
  try {
    const client = motoClient(moto.port);
    const operator = await createIdentities(client);
    const counts = callCounts();
    const faults = faultRegistry(options.faultSeed ?? 1);
    const handlers = [
      simulateHandler(client, options.simulationShape ?? 'action'),
      listBucketsHandler(client),
      describeRegionsHandler(client),
    ];
    const proxy = await startProxy({ motoPort: moto.port, counts, faults, handlers });
    const close = async () => {
      await proxy.close();
      await moto.close();
    };
    return {
      endpointUrl: proxy.url,
      env: {
        AWS_ACCESS_KEY_ID: operator.accessKeyId,
        AWS_SECRET_ACCESS_KEY: operator.secretAccessKey,
        ...environment(proxy.url, options.region ?? 'eu-west-1'),
      },
      awsBinary: tools.aws,
      motoPid: moto.pid,
      seedEstate: (seedOptions) => seedEstate(client, seedOptions),
      counts: () => counts.byOperation(),
      countsByRegion: () => counts.byRegion(),
      resetCounts: () => counts.reset(),
      faults,
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await moto.close();
    throw error;
  }
}

/** Nothing of the user's own configuration is read: the files do not exist, and there is no metadata service to ask. */
function environment(endpointUrl: string, region: string): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
  };
}
