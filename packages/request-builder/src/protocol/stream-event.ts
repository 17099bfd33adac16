import { z } from 'zod';
import { Clarification } from './clarification.ts';
import { Digest, Identifier, Name } from './json.ts';
import { Playbook } from './playbook.ts';
import { Problem } from './problem.ts';

/** Media type of a reply that comes in events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const EVENT_STREAM_MEDIA_TYPE = 'text/event-stream';

/** First event: the server works on the request. */
export const AcceptedData = z.object({ request_id: Identifier });

/** How far the server is, for display. */
export const ProgressData = z.object({
  message: z.string().min(1).max(2000),
  completed: z.int().min(0).nullish(),
  total: z.int().min(0).nullish(),
});

/** A further piece of what the server thinks aloud, for display. */
export const TextDeltaData = z.object({ text: z.string().max(100_000) });

/** A step that will probably be in the playbook, for display: it may change until the playbook is there, and is never run. */
export const StepPreviewData = z.object({ id: Name, title: z.string().min(1).max(500) });

/** Last event: the SHA-256 of the RFC 8785 form of the playbook or clarification that came before. */
export const DoneData = z.object({ digest: Digest });

/**
 * One server-sent event: `event` is its name, `data` the JSON in its data lines.
 *
 * Unknown members of `data` are dropped, except inside a playbook or a clarification, where they are refused.
 */
export const StreamEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('accepted'), data: AcceptedData }),
  z.object({ event: z.literal('progress'), data: ProgressData }),
  z.object({ event: z.literal('text.delta'), data: TextDeltaData }),
  z.object({ event: z.literal('step.preview'), data: StepPreviewData }),
  z.object({ event: z.literal('clarification'), data: Clarification }),
  z.object({ event: z.literal('playbook'), data: Playbook }),
  z.object({ event: z.literal('problem'), data: Problem }),
  z.object({ event: z.literal('done'), data: DoneData }),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;

/** The events that a planner reports while it works; none of them is more than display. */
export const PlanProgress = z.discriminatedUnion('event', [
  z.object({ event: z.literal('progress'), data: ProgressData }),
  z.object({ event: z.literal('text.delta'), data: TextDeltaData }),
  z.object({ event: z.literal('step.preview'), data: StepPreviewData }),
]);
export type PlanProgress = z.infer<typeof PlanProgress>;
