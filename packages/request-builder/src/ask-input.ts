import type { Inputs } from './playbook/inputs.ts';
import type { Approver } from './policy/approvers.ts';

export interface BuildInput {
  /** What the user wants, in the user's words. */
  message: string;
  conversation_id: string;
  signal?: AbortSignal;
}

export interface AskInput extends BuildInput {
  /** Values for the playbook's parameters. */
  inputs?: Inputs;
  /** Asked where the policy wants an approval. Default: nobody, and what needs one does not run. */
  approve?: Approver | null;
  /** How often a run that fails goes back to the server, 0 to 2. Default 0. A repair is approved like any other playbook. */
  repairs?: number;
}
