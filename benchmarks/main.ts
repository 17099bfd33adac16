import { runNamedScripts } from '../tooling/named-scripts.ts';

/** `pnpm bench engine`: each prints a table and writes JSON to `results/`. */
await runNamedScripts(import.meta.dirname, 'pnpm bench');
