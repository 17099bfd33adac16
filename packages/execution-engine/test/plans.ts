import type { ExecutionEngine, Plan } from '../src/index.ts';
import { sh } from './engine.ts';

/** Runs a plan to its end. */
export async function runPlan(engine: ExecutionEngine, plan: Plan) {
  return engine.getPlanResult(await engine.executePlan(plan));
}

/** `id:status` of each step. */
export function outcome(result: Awaited<ReturnType<typeof runPlan>>): string {
  return result.steps.map((step) => `${step.id}:${step.status}`).join(' ');
}

/** A step that is a shell line. */
export function step(id: string, command: string, more: Partial<Plan['steps'][number]> = {}) {
  return { id, command: sh(command), ...more };
}
