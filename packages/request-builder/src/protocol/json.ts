import { z } from 'zod';

/** Any JSON value. */
export const Json: z.ZodType<Json> = z.json();
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A name inside a document (step, output, parameter, rollback, resource ref): it appears in `$ref`s, so no dots. */
export const Name = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/, 'expected letters, digits, "_" and "-"');

/** An identifier that one side made and the other only repeats. */
export const Identifier = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'expected an identifier');

/** RFC 3339 in UTC, such as `2026-01-31T09:00:00.000Z`. */
export const Timestamp = z.iso.datetime();

/** A SHA-256 with its prefix. */
export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hexadecimal digits');

/** What a newer version of the protocol may add without an older one having to understand it. Never executed. */
export const Extensions = z.record(z.string(), Json);
