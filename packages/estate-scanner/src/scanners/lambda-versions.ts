import type { JsonObject } from '../aws/pages.ts';
import { AwsCallError } from '../aws/errors.ts';
import type { ScanContext } from '../service-scanner.ts';

/** Published versions by function; null where they could not be read. */
export type Published = Promise<ReadonlyMap<string, number> | null>;

/**
 * Counts the published versions of functions, `$LATEST` left out: with one call for all functions of the region, or one for each of
 * `names`.
 */
export async function publishedVersions(
  context: ScanContext,
  names: readonly string[] | null,
): Published {
  const counts = new Map<string, number>();
  try {
    for await (const { name } of versions(context, names)) {
      if (typeof name === 'string') counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  } catch (error) {
    context.warn(error, 'published versions of functions are unknown');
    return null;
  }
}

async function* versions(
  context: ScanContext,
  names: readonly string[] | null,
): AsyncGenerator<JsonObject> {
  const fields = "[?Version != '$LATEST'].{name: FunctionName}";
  if (names === null) {
    yield* context.list('lambda', 'list-functions', {
      parameters: { FunctionVersion: 'ALL' },
      query: `Functions${fields}`,
      pageSize: 50,
    });
    return;
  }
  for (const FunctionName of names) {
    try {
      yield* context.list('lambda', 'list-versions-by-function', {
        parameters: { FunctionName },
        query: `Versions${fields}`,
        pageSize: 50,
      });
    } catch (error) {
      if (!AwsCallError.is(error, 'not_found')) throw error;
    }
  }
}

/**
 * The aliases of a function with the version that each stands for. Asked only where versions were published: a call for each
 * function would be the dearest part of a scan, and an alias of `$LATEST` says little.
 *
 * @returns null where they are unknown, also because nobody asked
 */
export async function readAliases(
  context: ScanContext,
  FunctionName: string,
  versions: number | null,
): Promise<Record<string, string> | null> {
  if (versions === null || versions === 0) return null;
  const list = context.list('lambda', 'list-aliases', {
    parameters: { FunctionName },
    query: 'Aliases[].{name: Name, version: FunctionVersion}',
    pageSize: 50,
  });
  try {
    const aliases: [string, string][] = [];
    for await (const { name, version } of list) {
      if (typeof name === 'string' && typeof version === 'string') aliases.push([name, version]);
    }
    return Object.fromEntries(aliases.sort(([a], [b]) => (a < b ? -1 : 1)));
  } catch (error) {
    context.warn(error, `the aliases of function ${FunctionName} are unknown`);
    return null;
  }
}
