import type { SimulationShape } from './iam/simulate.ts';
import type { ToolOptions } from './tools/tools.ts';

/** Options of {@link startFakeAws}; every one has a default. */
export interface FakeAwsOptions extends ToolOptions {
  /** The region in `env`. Default `eu-west-1`. */
  region?: string;
  /** How long moto may take to start. Default 60,000 ms; it takes one to two seconds. */
  startTimeoutMs?: number;
  /** Which calls a fault with a share strikes is drawn from this. Default 1. */
  faultSeed?: number;
  /** How IAM answers a simulation with several ARNs. Default `action`, as it does today. */
  simulationShape?: SimulationShape;
}
