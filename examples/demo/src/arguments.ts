import { parseArgs } from 'node:util';

/** What the demo was asked to do. */
export interface DemoArguments {
  /** The caller's own AWS account instead of a fake one; nothing is changed then. */
  real: boolean;
  /** One JSON report on stdout instead of text. */
  json: boolean;
  /** Resources in the fake estate. */
  resources: number;
  /** Regions of the fake estate, or to scan; null: all enabled ones of the caller's account. */
  regions: string[] | null;
}

export const USAGE = `usage: demo [--real] [--json] [--resources N] [--regions A,B,C]

  --real        use your own AWS credentials instead of a fake estate; nothing is changed
  --json        print a machine-readable report instead
  --resources   how many resources the fake estate has (default 200)
  --regions     where they are (default eu-west-1,us-east-1,ap-southeast-2), or which to scan with --real`;

/** Regions of the fake estate. */
const FAKE_REGIONS = ['eu-west-1', 'us-east-1', 'ap-southeast-2'];

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the command line.
 *
 * @returns null where help was asked for
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): DemoArguments | null {
  const values = parse(args);
  if (values.help === true) return null;
  const resources = Number(values.resources ?? 200);
  if (!Number.isInteger(resources) || resources < 1) {
    throw new UsageError(`--resources ${values.resources ?? ''}: give a whole number.`);
  }
  const regions = values.regions?.split(',').map((region) => region.trim()) ?? null;
  if (regions?.includes('') === true) throw new UsageError('--regions: one is empty.');
  const real = values.real ?? false;
  return {
    real,
    json: values.json ?? false,
    resources,
    regions: regions ?? (real ? null : FAKE_REGIONS),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      // `pnpm demo -- --json` hands the dashes on.
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: {
        real: { type: 'boolean' },
        json: { type: 'boolean' },
        resources: { type: 'string' },
        regions: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
