import { z } from 'zod';

/**
 * An error of the server (RFC 9457, `application/problem+json`).
 *
 * The one document whose unknown members are dropped instead of refused: RFC 9457, section 3.2 asks for it, and nothing in it is executed.
 */
export const Problem = z.object({
  type: z.string().max(2048).nullish(),
  title: z.string().max(1000).nullish(),
  status: z.int().min(100).max(599).nullish(),
  detail: z.string().max(10_000).nullish(),
  instance: z.string().max(2048).nullish(),
  /** For programs, such as `INVALID_REQUEST`. */
  code: z.string().max(100).nullish(),
  /** Whether the same request may succeed later. */
  retryable: z.boolean().nullish(),
  retry_after_ms: z.int().min(0).nullish(),
  request_id: z.string().max(200).nullish(),
  /** What is wrong with the request, by JSON Pointer. */
  errors: z
    .array(z.object({ pointer: z.string().max(2048), message: z.string().max(2000) }))
    .max(100)
    .nullish(),
  /** With the code `PROTOCOL_UNSUPPORTED`: the versions that the server speaks. */
  protocols: z.array(z.string().max(20)).max(20).nullish(),
});
export type Problem = z.infer<typeof Problem>;
