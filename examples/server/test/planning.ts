import { Clarification, Playbook, type PlaybookRequest } from 'cloudops-request-builder/protocol';
import { RulePlanner } from '../src/index.ts';
import { estate, requestOf } from './estate.ts';

const { signal } = new AbortController();

/** What the planner answers. */
export function answer(request: PlaybookRequest): Promise<Playbook | Clarification> {
  return new RulePlanner().plan(request, { signal });
}

/** The names of what a message's playbook is about, or the text of the question it is answered with. */
export async function meant(text: string, resources = estate): Promise<string[] | string> {
  const request = requestOf(text, resources);
  const reply = await answer(request);
  if (reply.schema === 'clarification/v1') return Clarification.parse(reply).text;
  Playbook.parse(reply);
  const refs = new Set(reply.steps.flatMap((step) => step.resources ?? []));
  return request.resources
    .filter(({ ref }) => refs.has(ref))
    .map(({ fields }) => nameOf(fields))
    .sort();
}

/** The playbook for a request. Throws where the planner asks back. */
export async function playbook(request: PlaybookRequest): Promise<Playbook> {
  const reply = await answer(request);
  if (reply.schema === 'clarification/v1') throw new Error(`asked back: ${reply.text}`);
  return reply;
}

/** The name in a resource's fields. */
export function nameOf(fields: Record<string, unknown>): string {
  return typeof fields['name'] === 'string' ? fields['name'] : '';
}
