import type { ExecutionEvent } from 'cloudops-execution-engine';
import { safe, type Screen } from '../terminal/screen.ts';

/** Output of an execution as it comes, a line at a time, stderr in red where there is colour. */
export function showExecutionEvent(screen: Screen, event: ExecutionEvent, prefix = ''): void {
  if (event.type === 'stdout') screen.line(`${prefix}${safe(event.line)}`);
  if (event.type === 'stderr') screen.line(`${prefix}${screen.color.red(safe(event.line))}`);
}
