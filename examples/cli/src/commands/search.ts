import type { Filter } from 'cloudops-storage-service';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { showSearchResults } from '../views/search-results.ts';
import type { Command } from './command.ts';

/** Options of `search`. */
export interface SearchOptions {
  text: string;
  type?: string;
  limit: number;
  mode: 'hybrid' | 'semantic' | 'keyword';
}

/** Finds resources by meaning and by words. */
export const search: Command<SearchOptions> = async (context, options) => {
  const { session, out, json, signal } = context;
  const { estate } = await session.storage();
  const results = await estate.search({
    text: options.text,
    limit: options.limit,
    mode: options.mode,
    filter: filterOf(options.type, session.settings.regions),
    signal,
  });
  if (results.length === 0 && (await estate.count()) === 0) {
    throw new CliError('environment', 'The store is empty.', 'Fill it with "scan".');
  }
  if (session.settings.json) {
    json({ results: results.map(({ record, score }) => ({ score, record })) });
  } else {
    showSearchResults(out, results);
  }
  return EXIT.ok;
};

function filterOf(type: string | undefined, regions: readonly string[] | undefined): Filter | null {
  const all: Filter[] = [];
  if (type !== undefined) all.push({ eq: { field: 'resource_type', value: type } });
  if (regions !== undefined) all.push({ in: { field: 'region', values: [...regions] } });
  return all.length === 0 ? null : { all };
}
