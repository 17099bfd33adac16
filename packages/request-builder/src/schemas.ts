import type { ZodType } from 'zod';
import { AuditEntry } from './audit/entry.ts';
import { Policy } from './policy/policy.ts';
import { Approval } from './policy/approval.ts';
import { Preview } from './preview/preview.ts';
import {
  Capabilities,
  Clarification,
  type Json,
  openApiDocument,
  Playbook,
  PlaybookRequest,
  Problem,
  StreamEvent,
} from './protocol.ts';
import { DryRunReport } from './run/dry-run.ts';
import { RunOutcome } from './run/outcome.ts';

/** The documents whose JSON Schema is published in `schemas/`, by file name. */
export const publishedSchemas: Record<string, ZodType> = {
  'playbook-request': PlaybookRequest,
  playbook: Playbook,
  clarification: Clarification,
  problem: Problem,
  capabilities: Capabilities,
  'stream-event': StreamEvent,
  policy: Policy,
  approval: Approval,
  preview: Preview,
  'run-outcome': RunOutcome,
  'dry-run-report': DryRunReport,
  'audit-entry': AuditEntry,
};

/** Further documents that are published in `schemas/`, by file name. */
export const publishedDocuments: Record<string, Json> = { openapi: openApiDocument() };
