import { z } from 'zod';

/** RFC 3339 with an offset; hours, minutes and seconds are required. */
const pattern = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/u;

/** The time that was read last, and what it is: a scan has the same ones again and again. */
let last: { value: string; normalized: string | null } = { value: '', normalized: null };

/** The instant as UTC text with milliseconds, whose order as text is the order in time; null when it is no RFC 3339 time. */
export function normalizeTime(value: string): string | null {
  if (value !== last.value) last = { value, normalized: readTime(value) };
  return last.normalized;
}

function readTime(value: string): string | null {
  if (!pattern.test(value)) return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** An RFC 3339 time; becomes UTC with milliseconds. */
export const Time = z
  .string()
  .refine((value) => normalizeTime(value) !== null, 'expected an RFC 3339 time with an offset')
  .overwrite((value) => normalizeTime(value) ?? value)
  .meta({ format: 'date-time' });
