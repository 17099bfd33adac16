/**
 * The request builder beside what it is made of: build, preview, redaction, the load of the classifier. Writes `results/request.json`.
 *
 *     npx --yes pnpm@12 bench request
 *
 * `BENCH_SCALE=0.1` makes the estates a tenth of their size; the goals hold at 1.
 */
import { Report } from './measure/report.ts';
import { benchBuild } from './request/build.ts';
import { benchClassifierLoad } from './request/classifier-load.ts';
import { benchPreview } from './request/preview.ts';
import { benchRedaction } from './request/redaction.ts';

const scale = Number(process.env['BENCH_SCALE'] ?? 1);
const report = new Report('request');
await benchClassifierLoad(report);
await benchRedaction(report);
await benchPreview(report);
await benchBuild(report, [10_000 * scale, 100_000 * scale]);
report.save({ scale });
