import type { z } from 'zod';
import { Command } from './commands/command.ts';
import { ExecutionEvent } from './events.ts';
import { Plan } from './plans/plan.ts';
import { PlanResult } from './plans/result.ts';
import { ExecutionRequest } from './request.ts';
import { ExecutionResult } from './result.ts';

/** The schemas whose JSON Schema is published with the package. */
export const publishedSchemas: Record<string, z.ZodType> = {
  command: Command,
  'execution-request': ExecutionRequest,
  'execution-result': ExecutionResult,
  'execution-event': ExecutionEvent,
  plan: Plan,
  'plan-result': PlanResult,
};
