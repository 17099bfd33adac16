import { type CommandRunner, EstateScanner, type EstateStore } from 'cloudops-estate-scanner';
import { heldBytes, round } from './measure.ts';

const caller = { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/operator' };
const PER_CALL = 1000;
const BATCHES_BETWEEN = 5;

/** Lists so many instances, in parts, without a CLI: what is measured is the scanner. */
export function instanceLister(count: number): CommandRunner {
  return {
    run({ command: { service, operation, args = [] } }) {
      const from = Number(args[args.indexOf('--starting-token') + 1] ?? 0) || 0;
      const output =
        service === 'sts'
          ? caller
          : operation === 'describe-instances'
            ? { items: instances(from, Math.min(count, from + PER_CALL)), next: next(from, count) }
            : ['describe-key-pairs', 'list-account-aliases'].includes(operation)
              ? []
              : { items: [], next: null };
      return Promise.resolve({
        status: 'completed',
        exit_code: 0,
        stdout: JSON.stringify(output),
        stderr: '',
        stdout_truncated: false,
        error: null,
      });
    },
  };
}

function next(from: number, count: number): string | null {
  return from + PER_CALL < count ? String(from + PER_CALL) : null;
}

function instances(from: number, to: number): object[] {
  return Array.from({ length: to - from }, (_, index) => ({
    owner: caller.Account,
    instances: [
      {
        id: `i-${String(from + index).padStart(17, '0')}`,
        state: 'running',
        type: 'm7g.large',
        vpc: 'vpc-1',
        subnet: 'subnet-1',
        groups: ['sg-1'],
        tags: [
          { Key: 'Name', Value: `prod-checkout-web-${from + index}` },
          { Key: 'Team', Value: 'storefront' },
        ],
      },
    ],
  }));
}

/** A store that keeps nothing, so that what stays in memory is the scanner's. */
function nowhere(onBatch: () => void): EstateStore {
  return {
    upsert(items) {
      onBatch();
      const created = items.map(({ record }) => record.key);
      return Promise.resolve({ created, changed: [], unchanged: [] });
    },
    get: (keys) => Promise.resolve(keys.map(() => null)),
  };
}

/** Scans so many resources and answers how many there were. */
export async function scanMany(
  count: number,
  onBatch: () => void = () => undefined,
): Promise<number> {
  const scanner = new EstateScanner({
    engine: instanceLister(count),
    store: nowhere(onBatch),
    iam: false,
  });
  const report = await scanner.scan({ regions: ['eu-west-1'], services: ['ec2'] });
  return report.counts.discovered;
}

/** The most that a scan of so many resources holds of the heap, in MB: with the garbage collected every few batches. */
export async function heldMb(count: number): Promise<number> {
  const before = heldBytes();
  let most = 0;
  let batches = 0;
  await scanMany(count, () => {
    batches += 1;
    if (batches % BATCHES_BETWEEN === 0) most = Math.max(most, heldBytes() - before);
  });
  return round(most / 1e6);
}
