/**
 * Chooses regions by patterns: `eu-*`, `us-east-1`, and with a leading `!` what to leave out. `*` stands
 * for any characters, `?` for one. Only exclusions given: everything else is in.
 */
export function regionFilter(patterns: readonly string[]): (region: string) => boolean {
  const excluded = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((p) => glob(p.slice(1)));
  const included = patterns.filter((pattern) => !pattern.startsWith('!')).map(glob);
  return (region) =>
    (included.length === 0 || included.some((pattern) => pattern.test(region))) &&
    !excluded.some((pattern) => pattern.test(region));
}

/**
 * The regions that patterns name outright, where they need no list to choose from; null where a
 * wildcard or only exclusions make one necessary.
 */
export function literalRegions(patterns: readonly string[]): string[] | null {
  const included = patterns.filter((pattern) => !pattern.startsWith('!'));
  if (included.length === 0 || included.some((pattern) => /[*?]/u.test(pattern))) return null;
  return [...new Set(included.filter(regionFilter(patterns)))];
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[\\^$.|+()[\]{}]/gu, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'u');
}
