/** One application of the company: where it runs and what it is made of in production. */
export interface Application {
  app: string;
  team: string;
  /** What it is for, in a word or two of its people; a tag or a description here and there. */
  purpose: string;
  region: string;
  /** How its people name things. */
  style: 'env-app-part' | 'app-part-env' | 'CamelCase' | 'app/part/env';
  machines?: Record<string, number>;
  database?: { engine: string; name: string; cluster?: boolean };
  functions?: string[];
  buckets?: string[];
  queues?: string[];
  topics?: string[];
  tables?: string[];
  balancer?: 'internet-facing' | 'internal';
  secrets?: string[];
  alarms?: string[];
  cache?: string;
  containers?: string[];
  /** Environments besides production. */
  also?: string[];
}
