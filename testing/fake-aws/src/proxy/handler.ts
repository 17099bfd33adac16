import type { AwsCall } from './call.ts';

/** A complete answer that the proxy gives itself. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Answers calls that moto does not serve, or not as AWS does. */
export interface CallHandler {
  accepts(call: AwsCall): boolean;
  answer(call: AwsCall): Promise<Answer>;
  /** Told of every call that moto has answered, so that what a handler remembers does not outlive a change. */
  completed?(call: AwsCall): void;
}
