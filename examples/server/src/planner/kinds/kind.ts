import type { PlaybookCommand, RiskClass } from 'cloudops-request-builder/protocol';
import type { Candidate } from '../candidate.ts';
import type { Verb } from '../vocabulary.ts';

/** Resources of one kind in one region that one chain of steps deals with. */
export interface Batch {
  region: string;
  candidates: readonly Candidate[];
  /** Their ids, in the same order, each checked against the kind's pattern. */
  ids: string[];
  /** What the verb `tag` sets. */
  tags: readonly { key: string; value: string }[];
}

/** One step before it has its place in the graph; each follows the one before. */
export interface StepDraft {
  /** First part of the step's id: `stop`. */
  does: string;
  /** For people: "Stop 4 instances in eu-west-1". */
  title: string;
  command: AwsCliCommand;
  risk: RiskClass;
  /** Milliseconds. Default: 60,000. */
  timeoutMs?: number;
  /** How it is undone. */
  undo?: { title: string; command: AwsCliCommand; risk: RiskClass };
}

/** Most ids in one command: far below every limit of AWS, and a command stays readable. */
export const MANY = 50;

/** How a verb is done to a kind of resource. */
export interface Action {
  /** The IAM action it takes; a resource that denies it is left out. Null for reading. */
  permission: string | null;
  /** Most resources in one chain of steps. */
  batchSize: number;
  /** In these states there is something to do; null: in every one. */
  from: readonly string[] | null;
  /** Why one resource cannot be dealt with by itself, as a phrase; null where it can. */
  obstacle?: (candidate: Candidate) => string | null;
  steps: (batch: Batch) => StepDraft[];
}

/** What the planner knows of a kind of resource. */
export interface ResourceKind {
  /** Resource types, like `ec2:instance`. */
  types: readonly string[];
  one: string;
  many: string;
  /** What an id of this kind looks like; nothing else gets into a command. */
  idPattern: RegExp;
  actions: Readonly<Partial<Record<Verb, Action>>>;
}

/** "1 instance", "4 instances". */
export function counted(count: number, kind: Pick<ResourceKind, 'one' | 'many'>): string {
  return `${count} ${count === 1 ? kind.one : kind.many}`;
}

/** The one kind of command this planner makes. */
export type AwsCliCommand = Extract<PlaybookCommand, { type: 'aws_cli' }>;

/** An AWS CLI command of a step; `parameters` by the CLI’s option names. */
export function awsCli(
  service: string,
  operation: string,
  region: string,
  parameters: NonNullable<AwsCliCommand['parameters']>,
  more: Pick<AwsCliCommand, 'query' | 'output' | 'args'> = {},
): AwsCliCommand {
  return { type: 'aws_cli', service, operation, region, parameters, ...more };
}
