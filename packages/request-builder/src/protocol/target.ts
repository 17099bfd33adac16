import { z } from 'zod';

/** The one account in which a playbook may act; a playbook's target equals the target of its request. */
export const Target = z.strictObject({
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  partition: z.string().regex(/^aws(-[a-z]+)*$/, 'expected a partition such as aws'),
  account_id: z.string().regex(/^\d{12}$/, 'expected 12 digits'),
  /** The regions in which steps may act; global services belong to each. */
  regions: z
    .array(z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'expected a region such as eu-west-1'))
    .max(64),
  /** Who asks: the caller whose credentials will run the steps. */
  principal_arn: z.string().max(2048).nullish(),
});
export type Target = z.infer<typeof Target>;
