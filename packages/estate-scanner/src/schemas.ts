import type { ZodType } from 'zod';
import { Checkpoint } from './checkpoint/checkpoint.ts';
import { ScanEvent } from './events.ts';
import { ScanJob, ScanPlan } from './jobs/job.ts';
import { ScanReport } from './report.ts';
import { DiscoveredResource, Permissions, Resource } from './resource.ts';

/** The schemas whose JSON Schema is published with the package, by file name. */
export const publishedSchemas: Record<string, ZodType> = {
  resource: Resource,
  'discovered-resource': DiscoveredResource,
  permissions: Permissions,
  'scan-event': ScanEvent,
  'scan-report': ScanReport,
  'scan-plan': ScanPlan,
  'scan-job': ScanJob,
  'scan-checkpoint': Checkpoint,
};
