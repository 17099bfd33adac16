import { crc32 } from 'node:zlib';
import { keywordFields } from '../../filter/fields.ts';
import { normalizeTime } from '../../time.ts';
import type { ClearRecord } from '../backend.ts';
import type { Database } from './database.ts';
import { recordColumns, recordWithBody, resourceRowFrom } from './record-rows.ts';
import { bytesOf, numberOf, textOf, textOrNull, type Row } from './rows.ts';

/** What filters look at is in columns of its own, and must say what the record says. */
const columns = ['key', ...keywordFields] as const;

/** The sum that is stored with a record: SQLite itself does not notice a changed bit in a text. */
export function recordSum(
  body: string,
  record: Pick<ClearRecord, 'content_hash' | 'first_seen' | 'missing_since'>,
  permissionsHash: string,
): number {
  const { content_hash, first_seen, missing_since } = record;
  return crc32([body, content_hash, permissionsHash, first_seen, missing_since].join('\n'));
}

/** The sum that is stored with a vector. */
export function vectorSum(bytes: Uint8Array): number {
  return crc32(bytes);
}

/** Names the resources that something else than this package has changed, at most so many of them. */
export function changedRecords(db: Database, limit: number): string[] {
  const problems: string[] = [];
  const rows = db
    .statement(
      `SELECT r.key, b.sum, d.permissions_hash, v.v, v.sum AS vector_sum, CASE WHEN v.v IS NULL THEN r.code IS NOT NULL ELSE r.code IS NOT vec_quantize_binary(v.v) END AS is_other_code,
         ${columns.map((column) => `r.${column}`).join(', ')}, ${recordColumns}
       FROM resource r JOIN digest d ON d.rid = r.rid JOIN body b ON b.rid = r.rid LEFT JOIN vector v ON v.rid = r.rid`,
    )
    .iterate();
  for (const row of rows) {
    const problem = problemOf(row);
    if (problem === null) continue;
    problems.push(`The resource ${textOf(row, 'key')} was changed in the file: ${problem}`);
    if (problems.length === limit) break;
  }
  return problems;
}

function problemOf(row: Row): string | null {
  const { body, beside, evaluatedAt } = resourceRowFrom(row);
  const sum = recordSum(body, beside, textOf(row, 'permissions_hash'));
  if (sum !== numberOf(row, 'sum')) return 'its record';
  // These change with each scan, and have no sum.
  for (const time of [beside.last_seen, evaluatedAt]) {
    if (time !== null && normalizeTime(time) !== time) return 'when it was seen';
  }
  const record = recordWithBody(body, beside, evaluatedAt);
  const other = columns.find((column) => textOrNull(row, column) !== record[column]);
  if (other !== undefined) return `its column ${other}`;
  const isSame = row['v'] === null || vectorSum(bytesOf(row, 'v')) === numberOf(row, 'vector_sum');
  return isSame && numberOf(row, 'is_other_code') === 0 ? null : 'its vector';
}
