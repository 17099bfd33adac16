/**
 * How good the search of an estate is: labelled questions over 500 resources, by keyword, by meaning and by both. `pnpm eval search`
 * prints a table, lists the weak questions and writes `results/search.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EstateScanner, ServiceScannerRegistry } from 'cloudops-estate-scanner';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import { moreScanners } from 'cloudops-estate-scanner/scanners';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { Estate } from './search/estate.ts';
import { heldOut } from './search/held-out.ts';
import { listerOf } from './search/lister.ts';
import { measure, modes, type Measured, summarize } from './search/measure.ts';
import { addNetworks } from './search/network.ts';
import { identifierQuestions } from './search/identifiers.ts';
import { questions } from './search/questions.ts';
import { addWorkloads } from './search/workloads.ts';

const estate = new Estate();
addNetworks(estate);
addWorkloads(estate);

await using embedder = new MiniLmEmbedder();
await using storage = await StorageService.open({
  backend: { kind: 'embedded', path: ':memory:' },
  keys: noEncryption(),
  embedder,
});
const scanner = new EstateScanner({
  engine: listerOf(estate.answers),
  store: storage.estate,
  embedder,
  registry: ServiceScannerRegistry.builtIn().register(...moreScanners),
  iam: false,
});
const regions = ['eu-west-1', 'us-east-1', 'eu-central-1', 'ap-southeast-2'];
const report = await scanner.scan({ regions });
if (report.errors.length > 0) throw new Error(JSON.stringify(report.errors[0]));
if (report.counts.discovered !== estate.facts.size) {
  const { records } = await storage.estate.list({ limit: 1000 });
  const found = new Set(records.map(({ resource_id }) => resource_id));
  const lost = [...estate.facts.keys()].filter((id) => !found.has(id));
  throw new Error(`not found: ${lost.join(', ')}`);
}

const sets = {
  tuned: [...questions, ...identifierQuestions(estate)],
  'held out': heldOut,
};
const measured: Measured[] = [];
for (const [set, list] of Object.entries(sets)) {
  for (const question of list) measured.push(await measure(storage.estate, estate, set, question));
}

console.log(`${report.counts.discovered} resources, ${measured.length} questions\n`);
const rows = [...Object.keys(sets), 'all'].flatMap((set) =>
  modes.map((mode) =>
    summarize(
      set,
      mode,
      measured.filter((one) => set === 'all' || one.set === set),
    ),
  ),
);
console.table(rows);
const weak = measured.filter(({ ranks }) => ranks.hybrid === null || ranks.hybrid > 5);
console.log(`Hybrid finds nothing right among the first five for ${weak.length}:`);
for (const { set, text, ranks } of weak) {
  console.log(`  ${set}: ${text}  (first right answer: ${JSON.stringify(ranks)})`);
}
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const json = { resources: report.counts.discovered, summary: rows, weak, measured };
writeFileSync(join(results, 'search.json'), `${JSON.stringify(json, null, 2)}\n`);
