import type { Clarification } from './clarification.ts';
import type { Playbook } from './playbook.ts';
import type { PlaybookRequest } from './request.ts';
import type { PlanProgress } from './stream-event.ts';

/** Path of the planning endpoint below a server's base URL. */
export const PLAYBOOKS_PATH = '/v1/playbooks';

/** Path of one request below a server's base URL: `GET` follows the work on it, `DELETE` ends it. */
export function playbookPath(requestId: string): string {
  return `${PLAYBOOKS_PATH}/${encodeURIComponent(requestId)}`;
}

/** Media type of a reply, playbook and clarification alike: the body's `schema` says which. */
export const PLAYBOOK_MEDIA_TYPE = 'application/vnd.cloudops.playbook.v1+json';

/** Media type of an error (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export interface PlanOptions {
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
  /** Tells whoever waits how it goes. Absent where nobody listens. */
  report?: (progress: PlanProgress) => void;
}

/** Whoever turns a request into a playbook: a server behind HTTP, or a function in this process. */
export interface Planner {
  /**
   * @throws anything: what is thrown becomes an error of the server
   */
  plan(request: PlaybookRequest, options: PlanOptions): Promise<Playbook | Clarification>;
}
