/** One resource as it was written down, with the ids that it got. */
export interface Entry {
  kind: string;
  /** Null for what has no name. */
  name: string | null;
  id: string;
  arn: string;
  account: string;
  region: string;
  labels: string[];
  fields: Record<string, string>;
  tags: Record<string, string>;
}

/** All that was written down, for what a resource says of others. */
export interface Written {
  readonly entries: readonly Entry[];
  /** The ids that a field refers to by name: `@one,@other`. */
  idsIn(entry: Entry, field: string): string[];
}
