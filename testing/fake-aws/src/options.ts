import type { ToolOptions } from './tools/tools.ts';

/** Options of {@link startFakeAws}; every one has a default. */
export interface FakeAwsOptions extends ToolOptions {
  /** The region in `env`. Default `eu-west-1`. */
  region?: string;
  /** How long moto may take to start. Default 60,000 ms; it takes one to two seconds. */
  startTimeoutMs?: number;
}
