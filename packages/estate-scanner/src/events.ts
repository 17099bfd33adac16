import { z } from 'zod';
import { ReportedError, ScanReport, Scope, ScopeReport } from './report.ts';
import { Resource } from './resource.ts';

/** What a scan says while it runs: first `scan_started`, last `scan_completed`. */
export const ScanEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('scan_started'), scan_id: z.string(), scopes: z.array(Scope) }),
  Scope.extend({ type: z.literal('scope_started') }),
  ScopeReport.extend({ type: z.literal('scope_completed') }),
  /** After it was stored; what that changed is null where there is no store. */
  z.object({
    type: z.literal('resource'),
    resource: Resource,
    change: z.enum(['created', 'changed', 'unchanged']).nullable(),
    /** JSON Pointers to what changed: `/state`, `/tags/team`. */
    changed_fields: z.array(z.string()),
  }),
  /** Resources of a completely read scope that are in the store, and no longer there. */
  Scope.extend({ type: z.literal('missing'), keys: z.array(z.string()) }),
  z.object({ type: z.literal('error'), error: ReportedError }),
  /** Scopes that are done, of all of them; resources found so far. */
  z.object({
    type: z.literal('progress'),
    completed: z.int(),
    total: z.int(),
    resources: z.int(),
  }),
  z.object({ type: z.literal('scan_completed'), report: ScanReport }),
]);
export type ScanEvent = z.infer<typeof ScanEvent>;

/** Takes events as they happen. The scan does not wait for it; for back pressure use `scanner.stream()`. */
export type ScanEventHandler = (event: ScanEvent) => void;
