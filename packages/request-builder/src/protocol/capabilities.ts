import { z } from 'zod';

/** Path of the capability document below a server's base URL. It needs no token, so that a client can ask before it sends anything. */
export const CAPABILITIES_PATH = '/.well-known/cloudops';

/**
 * What a server can do, for a client that wants to know before it sends a request.
 *
 * Unknown members are dropped instead of refused: a newer server says more, and nothing in it is executed.
 */
export const Capabilities = z.object({
  schema: z.literal('capabilities/v1'),
  /** Versions of the wire protocol that it speaks, such as `["1.0"]`. */
  protocols: z
    .array(z.string().regex(/^\d{1,4}\.\d{1,4}$/, 'expected a version such as 1.0'))
    .min(1)
    .max(20),
  /** Name and version of its software. */
  server: z.string().max(200).nullish(),
  /** Whether it answers with an event stream where the client accepts one, and resumes it. */
  streaming: z.boolean().nullish(),
  /** Whether `DELETE` ends the work on a request. */
  cancel: z.boolean().nullish(),
  /** Largest body that it takes. */
  max_request_bytes: z.int().min(1).nullish(),
});
export type Capabilities = z.infer<typeof Capabilities>;

/** Whether one of these versions is one that this package speaks: any 1.x, since minor versions only add what may be ignored. */
export function speaksVersion1(protocols: readonly string[]): boolean {
  return protocols.some((version) => version.startsWith('1.'));
}
