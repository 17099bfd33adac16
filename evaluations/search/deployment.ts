import type { Application } from './application.ts';
import type { Estate, Fact } from './estate.ts';
import type { Environment } from './names.ts';

/** One application in one environment, on its way into the estate. */
export interface Deployment {
  estate: Estate;
  application: Application;
  env: Environment;
  tags: { Key: string; Value: string }[];
  /** The facts that all of its resources share. */
  about: Pick<Fact, 'app' | 'env' | 'region' | 'team'>;
}
