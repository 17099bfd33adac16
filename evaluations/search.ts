/**
 * How good the search of an estate is: labelled questions over three estates of 500 resources, by keyword, by meaning and by both.
 * `pnpm eval search` prints a table, lists the weak questions and writes `results/search.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import { companyStudy } from './search/company-study.ts';
import { type Measured, modes, ranksOf, summarize } from './search/measure.ts';
import { scanned } from './search/scanned.ts';
import { writtenStudy } from './search/written-study.ts';

const studies = [
  companyStudy(),
  writtenStudy('hospital', 'tuned'),
  writtenStudy('freight', 'held out'),
];

await using embedder = new MiniLmEmbedder();
const measured: Measured[] = [];
for (const study of studies) {
  const { estate, keys } = study;
  await using storage = await scanned(study, embedder);
  for (const [set, questions] of Object.entries(study.sets)) {
    for (const asked of questions) {
      const ranks = await ranksOf(storage.estate, asked);
      measured.push({ estate, set, text: asked.text, ranks });
    }
    console.log(`${estate}: ${keys.size} resources, ${questions.length} questions ${set}`);
  }
}

const sets = new Set(measured.map(({ estate, set }) => `${estate}, ${set}`));
const rows = [...sets, 'all'].flatMap((name) => {
  const group = measured.filter(({ estate, set }) => ['all', `${estate}, ${set}`].includes(name));
  return modes.map((mode) => Object.assign({ set: name, mode }, summarize(group, mode)));
});
console.table(rows);
const weak = measured.filter(({ ranks }) => ranks.hybrid === null || ranks.hybrid > 5);
console.log(`Hybrid finds nothing right among the first five for ${weak.length}:`);
for (const { estate, set, text, ranks } of weak) {
  console.log(`  ${estate}, ${set}: ${text}  (first right answer: ${JSON.stringify(ranks)})`);
}
const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
const json = { summary: rows, weak, measured };
writeFileSync(join(results, 'search.json'), `${JSON.stringify(json, null, 2)}\n`);
