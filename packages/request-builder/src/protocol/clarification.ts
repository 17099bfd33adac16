import { z } from 'zod';
import { Extensions, Identifier, Name } from './json.ts';

/** What a server replies when it needs to know more before it can plan. */
export const Clarification = z.strictObject({
  schema: z.literal('clarification/v1'),
  request_id: Identifier,
  /** For people; plain text. */
  text: z.string().min(1).max(10_000),
  questions: z
    .array(
      z.strictObject({
        id: Name,
        text: z.string().min(1).max(2000),
        /** Absent: any answer. */
        choices: z.array(z.string().max(500)).max(100).nullish(),
      }),
    )
    .max(20)
    .nullish(),
  extensions: Extensions.nullish(),
});
export type Clarification = z.infer<typeof Clarification>;
