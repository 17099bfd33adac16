import { parseArgs } from 'node:util';
import { startFakeAws } from './start.ts';

const usage = `Usage: node --conditions=cloudops-source testing/fake-aws/src/main.ts [--resources N] [--regions a,b] [--seed N]

Starts a fake AWS on loopback, prints export lines for a shell, and runs until it is interrupted.
--resources 0 leaves the account empty.
`;

/** Runs the fake as a program. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      resources: { type: 'string', default: '200' },
      regions: { type: 'string', default: 'eu-west-1,us-east-1,ap-southeast-2' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  await using aws = await startFakeAws();
  const resources = Number(values.resources);
  if (resources !== 0) {
    const regions = values.regions.split(',');
    const summary = await aws.seedEstate({ resources, regions, seed: Number(values.seed) });
    process.stderr.write(`${summary.total} resources in ${regions.join(', ')}\n`);
  }
  // Whoever reads the lines may answer with a signal at once.
  const end = interrupted();
  for (const [name, value] of Object.entries(aws.env)) {
    process.stdout.write(`export ${name}='${value}'\n`);
  }
  process.stderr.write('Running; Ctrl-C ends it.\n');
  await end;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
