import type { Json } from './resource.ts';

/** The year 5138 in seconds, March 1973 in milliseconds: nothing in AWS is as old as the one or as young as the other. */
const FIRST_MILLISECONDS = 1e11;

/**
 * A time of the AWS CLI as RFC 3339 in UTC; null where it is missing or unreadable. Version 1 prints the times of services that speak
 * JSON as seconds since 1970, version 2 as text, and both give the milliseconds of CloudWatch Logs as they are.
 */
export function isoTime(value: Json | undefined): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const isSeconds = typeof value === 'number' && Math.abs(value) < FIRST_MILLISECONDS;
  const time = new Date(isSeconds ? value * 1000 : value);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
