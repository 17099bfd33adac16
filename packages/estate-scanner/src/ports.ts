import type { Permissions, Relation, Resource } from './resource.ts';

/**
 * Turns texts into vectors. Storage declares the same port; `MiniLmEmbedder` implements it.
 */
export interface Embedder {
  /** Name of the model; vectors of two models are never compared. */
  readonly model: string;
  /** Length of every vector. */
  readonly dimensions: number;
  /** One vector per text, in the order of the texts. Rejects when `signal` aborts. */
  embed(texts: readonly string[], options?: { signal?: AbortSignal }): Promise<Float32Array[]>;
  close?(): Promise<void>;
}

/** One resource on its way to a store. An absent vector keeps the stored one, null removes it. */
export interface EstateItem {
  record: Resource;
  vector?: Float32Array | null;
}

/** The keys of an upsert, each in one of the three. */
export interface UpsertResult {
  created: string[];
  changed: string[];
  unchanged: string[];
}

/** The parts of a stored record that the scanner reads back. Of what a store leaves out no change can be told. */
export interface StoredResource {
  key: string;
  embedding?: { model: string; text_hash: string } | null;
  first_seen?: string | null;
  visible_from?: string[] | null;
  arn?: string | null;
  name?: string | null;
  state?: string | null;
  tags?: Record<string, string> | null;
  created_at?: string | null;
  attributes?: Readonly<Record<string, unknown>> | null;
  relations?: readonly Relation[] | null;
  permissions?: Readonly<Record<keyof Permissions, unknown>> | null;
  text?: string | null;
  /** Since when a complete scan no longer found it. */
  missing_since?: string | null;
}

/** A part of the estate that a scan read completely. Absent fields mean all. */
export interface MissingScope {
  account_id: string;
  region?: string;
  resource_type?: string;
}

/** Where resources are kept. `StorageService#estate` satisfies it as it is. */
export interface EstateStore {
  upsert(items: EstateItem[]): Promise<UpsertResult>;
  /** Aligned with `keys`, null where nothing is stored. */
  get(keys: string[]): Promise<(StoredResource | null)[]>;
  /**
   * Marks what is in a scope and was not seen by a scan, and by nobody else since it began. Without it nothing is ever missing.
   *
   * @returns the keys that were marked now
   */
  markMissing?(options: {
    scope: MissingScope;
    scan_id: string;
    started_at: string;
    signal?: AbortSignal;
  }): Promise<{ missing: string[] }>;
  /**
   * Marks these keys alone, save those that somebody has seen since the scan began. Without it a refresh marks nothing.
   *
   * @returns the keys that were marked now
   */
  markGone?(options: {
    keys: string[];
    scan_id: string;
    started_at: string;
    signal?: AbortSignal;
  }): Promise<{ missing: string[] }>;
}

/** What may be asked of IAM about one resource. `arn` may also be `*` or a pattern like `BUCKET/*`. */
export interface PermissionRequest {
  resource_type: string;
  arn: string;
  actions: readonly string[];
  /** Its tags, for policies that look at them; null or absent where they are unknown. */
  tags?: Readonly<Record<string, string>> | null;
  /** Its region, for policies that allow some regions only; absent where it has none. */
  region?: string;
}

/** Answers what a principal may do. `PermissionEvaluator` implements it with IAM's simulation. */
export interface PermissionSource {
  /** Aligned with `requests`. What cannot be asked is `status: 'unknown'`; rejects only on abort. */
  evaluate(input: {
    principalArn: string;
    requests: readonly PermissionRequest[];
    signal?: AbortSignal;
  }): Promise<Permissions[]>;
  /** IAM calls made so far. */
  readonly calls: number;
  /** When the credentials that ask end; null where they do not say. Asked after an evaluation. */
  sessionEndsAt?(): Promise<Date | null>;
  /** Why answers are unknown, and for how many resources. */
  readonly unknown?: readonly { reason: string; message: string; resources: number }[];
  /** What went wrong beside the answers: a cache that cannot be read. */
  readonly problems?: readonly string[];
  /** Writes down what is to be known in the next process. */
  flush?(): Promise<void>;
  close?(): void;
}

/** The one kind of command that the scanner runs. */
export interface AwsCliRequest {
  command: {
    type: 'aws_cli';
    service: string;
    operation: string;
    args?: string[];
    region?: string;
    profile?: string;
    query?: string;
  };
  /** Variables of this process alone: credentials. */
  env?: Record<string, string>;
  /** Those of them whose values are masked. */
  secrets?: string[];
  /** Always false: an estate does not belong into a log. */
  log: boolean;
  max_capture_bytes: number;
  timeout_ms: number;
}

/** What the scanner reads of a finished command. */
export interface AwsCliResult {
  status: 'completed' | 'failed' | 'cancelled';
  exit_code: number | null;
  stdout: string;
  stderr: string;
  stdout_truncated: boolean;
  error: { code: string; message: string } | null;
}

/** Runs the AWS CLI. `ExecutionEngine` satisfies it as it is. */
export interface CommandRunner {
  run(request: AwsCliRequest, options?: { signal?: AbortSignal }): Promise<AwsCliResult>;
  /** Masks a value in all output from now on: keys of assumed roles. */
  registerSecret?(value: string): void;
}
