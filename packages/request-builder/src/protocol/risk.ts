import { z } from 'zod';

/** What a step may do at worst, from harmless to irreversible. */
export const RiskClass = z.enum(['read_only', 'sensitive_read', 'mutating', 'destructive']);
export type RiskClass = z.infer<typeof RiskClass>;
