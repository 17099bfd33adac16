/**
 * Milliseconds to wait after a `Retry-After` header (RFC 9110, section 10.2.3: seconds or a date); null where it is absent or neither, so that the
 * usual delay applies.
 *
 * @param now epoch milliseconds
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  const value = header?.trim() ?? '';
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000;
  // Date.parse reads almost anything, "-1" too; an HTTP date begins with the day of the week.
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(value)) return null;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
