import type { ZodType } from 'zod';
import { Clarification, Playbook, PlaybookRequest, Problem } from './protocol.ts';

/** The documents whose JSON Schema is published in `schemas/`, by file name. */
export const publishedSchemas: Record<string, ZodType> = {
  'playbook-request': PlaybookRequest,
  playbook: Playbook,
  clarification: Clarification,
  problem: Problem,
};
