import type { Preview, RunOutcome } from 'cloudops-request-builder';

/** One search and what it found. */
export interface SearchReport {
  text: string;
  results: {
    score: number;
    name: string | null;
    type: string;
    region: string;
    allowed: string[] | null;
  }[];
}

/** An instance that the playbook was to change. */
export interface ChangedInstance {
  id: string;
  name: string;
  region: string;
  before: string | null;
  /** In the store, after the rescan. */
  stored: string | null;
  /** Asked of AWS directly. */
  actual: string | null;
}

/** What the server was asked, what it answered and what came of it. */
export interface PlaybookReport {
  message: string;
  /** Null: the server asked back. */
  summary: string | null;
  /** What the server asked back. */
  question: string | null;
  risk: Preview['risk'] | null;
  steps: { id: string; argv: string[]; risk: string; reasons: string[]; status: string }[];
  /** Null: nothing was run. */
  status: RunOutcome['status'] | null;
  changed: ChangedInstance[];
  /** Instances that the playbook did not name and that changed all the same. */
  unexpected: string[];
}

/** What `--json` prints. */
export interface DemoReport {
  ok: boolean;
  mode: 'fake' | 'real';
  /** Why it is not ok; empty where it is. */
  problems: string[];
  account_id: string | null;
  resources: {
    total: number;
    by_type: Record<string, number>;
    by_region: Record<string, number>;
    /** What was put into the fake estate, by type; null with `--real`. Instances bring disks and images along, which are not in it. */
    seeded: Record<string, number> | null;
  };
  searches: SearchReport[];
  playbook: PlaybookReport;
  messages_stored: number;
  /** Processes of the AWS CLI. */
  cli_calls: number;
  /** Calls of the IAM API. */
  iam_calls: number;
  phases_ms: Record<string, number>;
}
