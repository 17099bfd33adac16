import type { AwsCli } from './cli.ts';
import { AwsCallError, endsAccount } from './errors.ts';
import { literalRegions, regionFilter } from './region-filter.ts';

/** The regions of an account that a scan goes through. */
export interface RegionPlan {
  regions: string[];
  /** The region for global services and lists; undefined leaves it to the CLI's configuration. */
  home: string | undefined;
  /** The lists that were refused before this plan was found; the caller reports them. */
  refused: AwsCallError[];
}

export interface RegionChoice {
  /** Names and globs; empty means every enabled region. */
  patterns: readonly string[];
  /** Taken where AWS refuses to list regions. */
  fallback: readonly string[];
}

/**
 * Finds the enabled regions that the patterns choose. Regions named outright cost no call. Otherwise
 * `ec2 describe-regions` is asked; where it is refused `account list-regions`, then the configured fallback, then the default
 * region, in this order.
 *
 * @throws AwsCallError for a failure that ends the account
 */
export async function planRegions(
  cli: Pick<AwsCli, 'call' | 'text'>,
  choice: RegionChoice,
): Promise<RegionPlan> {
  const literal = literalRegions(choice.patterns);
  if (literal) return { regions: literal, home: literal[0], refused: [] };
  // A policy may allow one region only: what was named outright is a better way in than the default.
  const home = choice.patterns.find((pattern) => !/[!*?]/u.test(pattern));
  const refused: AwsCallError[] = [];
  for (const source of [ec2Regions, accountRegions]) {
    try {
      const regions = await source(cli, home);
      return { regions: regions.filter(regionFilter(choice.patterns)), home, refused };
    } catch (error) {
      if (!AwsCallError.is(error) || endsAccount(error.kind)) throw error;
      refused.push(error);
    }
  }
  const chosen = choice.fallback.filter(regionFilter(choice.patterns));
  if (chosen.length > 0) return { regions: [...chosen], home: chosen[0], refused };
  const configured = await configuredRegion(cli);
  const regions =
    configured !== null && regionFilter(choice.patterns)(configured) ? [configured] : [];
  return { regions, home: configured ?? undefined, refused };
}

async function ec2Regions(
  cli: Pick<AwsCli, 'call'>,
  region: string | undefined,
): Promise<string[]> {
  const output = await cli.call({
    service: 'ec2',
    operation: 'describe-regions',
    args: ['--all-regions'],
    query: "Regions[?OptInStatus!='not-opted-in'].RegionName",
    isAnswer: Array.isArray,
    ...(region !== undefined && { region }),
  });
  return strings(output);
}

async function accountRegions(cli: Pick<AwsCli, 'call'>): Promise<string[]> {
  const output = await cli.call({
    service: 'account',
    operation: 'list-regions',
    query:
      "Regions[?RegionOptStatus=='ENABLED' || RegionOptStatus=='ENABLED_BY_DEFAULT'].RegionName",
    isAnswer: Array.isArray,
  });
  return strings(output);
}

/**
 * The region of the CLI's own configuration, read from the table that `aws configure list` prints: the only
 * command that knows environment and files alike.
 */
async function configuredRegion(cli: Pick<AwsCli, 'text'>): Promise<string | null> {
  try {
    const table = await cli.text({ service: 'configure', operation: 'list' });
    const region = /^\s*region\s*:?\s+([a-z]+(?:-[a-z]+)+-\d+)\b/mu.exec(table);
    return region?.[1] ?? null;
  } catch (error) {
    if (!AwsCallError.is(error)) throw error;
    return null;
  }
}

function strings(output: unknown): string[] {
  if (!Array.isArray(output)) return [];
  return output.filter((value) => typeof value === 'string').sort();
}
