import { z } from 'zod';

const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected HH:MM');
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A part of the week. `to` is not in it; where it is not after `from`, the window lasts until `to` of the next day. */
export const TimeWindow = z.strictObject({
  /** Days on which the window begins. Default: all. */
  days: z.array(z.enum(days)).min(1).nullish(),
  from: Clock,
  to: Clock,
  /** IANA name, such as `Europe/Berlin`. Default `UTC`. */
  time_zone: z.string().refine(isTimeZone, 'expected a time zone such as Europe/Berlin').nullish(),
});
export type TimeWindow = z.infer<typeof TimeWindow>;

/** Whether a moment lies in a window. */
export function isWithin(window: TimeWindow, moment: Date): boolean {
  const { day, minute } = localTime(moment, window.time_zone ?? 'UTC');
  const from = minutesOf(window.from);
  const to = minutesOf(window.to);
  const beginsOn = (index: number) => {
    const name = days[(index + days.length) % days.length];
    return !window.days || (name !== undefined && window.days.includes(name));
  };
  if (from < to) return beginsOn(day) && minute >= from && minute < to;
  return (beginsOn(day) && minute >= from) || (beginsOn(day - 1) && minute < to);
}

/** Day of the week, Monday 0, and minute of the day, as a clock on the wall there shows them. */
function localTime(moment: Date, timeZone: string): { day: number; minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(moment);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? '';
  const day = days.findIndex((name) => name === part('weekday').toLowerCase());
  return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}

function minutesOf(clock: string): number {
  const [hours = '0', minutes = '0'] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
