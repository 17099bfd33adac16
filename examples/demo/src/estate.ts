import { awsEnvironment } from 'cloudops-example-cli';
import { startFakeAws } from 'cloudops-fake-aws';
import type { DemoArguments } from './arguments.ts';

/** The AWS account that the demo works on. */
export interface DemoEstate {
  /** The AWS CLI and what it needs to reach the account. */
  awsCli: { binary: string; endpointUrl: string | null; env: Record<string, string> };
  /** How the IAM API is reached. */
  iam: { endpoint?: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
  /** Resources that were put into it, by type; null for an account of the caller's own. */
  seeded: Record<string, number> | null;
  close: () => Promise<void>;
}

/** Opens the account: a fake one on loopback with a seeded estate, or the caller's own. */
export async function openEstate(args: DemoArguments): Promise<DemoEstate> {
  return args.real ? realEstate() : fakeEstate(args);
}

function realEstate(): DemoEstate {
  const { env, endpointUrl } = awsEnvironment(process.env, undefined);
  return {
    awsCli: { binary: 'aws', endpointUrl, env },
    iam: endpointUrl === null ? {} : { endpoint: endpointUrl },
    seeded: null,
    close: async () => {},
  };
}

async function fakeEstate({ resources, regions }: DemoArguments): Promise<DemoEstate> {
  const aws = await startFakeAws();
  try {
    const seed = { resources, ...(regions === null ? {} : { regions }) };
    const { byType } = await aws.seedEstate(seed);
    return {
      awsCli: { binary: aws.awsBinary, endpointUrl: aws.endpointUrl, env: aws.env },
      iam: {
        endpoint: aws.endpointUrl,
        credentials: {
          accessKeyId: aws.env['AWS_ACCESS_KEY_ID'] ?? '',
          secretAccessKey: aws.env['AWS_SECRET_ACCESS_KEY'] ?? '',
        },
      },
      seeded: byType,
      close: () => aws.close(),
    };
  } catch (error) {
    await aws.close();
    throw error;
  }
}
