import { runNamedScripts } from '../tooling/named-scripts.ts';

/** `pnpm eval search`: each prints a table and writes JSON to `results/`. */
await runNamedScripts(import.meta.dirname, 'pnpm eval');
