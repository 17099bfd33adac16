import type { EstateSearchResult } from 'cloudops-storage-service';
import { safe, type Screen } from '../terminal/screen.ts';
import { writeTable } from '../terminal/table.ts';

const MAX_NAME = 40;
const MIN_ACTIONS = 40;
/** The column of the score, and what stands between five columns. */
const SCORE_AND_RULES = 5 + 16;

/** Writes what a search found: score, name, type, region, and what the caller may do to it. */
export function showSearchResults(screen: Screen, results: readonly EstateSearchResult[]): void {
  if (results.length === 0) {
    screen.line('Nothing found.');
    return;
  }
  const names = results.map(({ record }) =>
    shortened(safe(record.name ?? record.resource_id), MAX_NAME),
  );
  const longest = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const taken =
    longest(names) +
    longest(results.map(({ record }) => record.resource_type)) +
    longest(results.map(({ record }) => record.region)) +
    SCORE_AND_RULES;
  const actionWidth = Math.max(MIN_ACTIONS, screen.width - taken);
  writeTable(
    screen,
    [
      { title: 'score', align: 'right' },
      { title: 'name' },
      { title: 'type' },
      { title: 'region' },
      { title: 'you may' },
    ],
    results.map(({ record, score }, index) => [
      score.toFixed(3),
      names[index] ?? '',
      record.resource_type,
      record.region,
      allowedText(record.permissions, actionWidth),
    ]),
  );
}

/**
 * What the caller may do, in as many characters: the actions without their service (`ssm:` is kept apart from the
 * resource's own), and how many more there are.
 */
export function allowedText(
  permissions: EstateSearchResult['record']['permissions'],
  width: number,
): string {
  if (permissions == null || permissions.status === 'unknown') return 'unknown';
  const { allowed } = permissions;
  if (allowed.length === 0) return 'nothing that was asked about';
  const names = allowed.map((action) => action.slice(action.indexOf(':') + 1));
  let text = names[0] ?? '';
  for (const [index, name] of names.slice(1).entries()) {
    const rest = names.length - index - 1;
    if (text.length + name.length + 2 > width - 9) return `${text} (+${rest})`;
    text += `, ${name}`;
  }
  return text;
}

/** Text cut to a length, with an ellipsis where something is gone. */
export function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
