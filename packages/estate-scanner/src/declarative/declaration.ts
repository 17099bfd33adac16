import type { Json } from '../resource.ts';
import type { TypeActions } from '../scan-context.ts';

/** One call of the AWS CLI and where its output has what is looked for. */
export interface DeclaredCall {
  /** CLI service and operation: `sqs list-queues`. */
  call: string;
  /** JMESPath to an array in the output. One thing alone is written as `[Table]`. */
  items: string;
  /** By the API's own names. */
  parameters?: Record<string, Json>;
}

/** A call that finds the names by which another call reads the resources. Its items are texts. */
export interface DeclaredStep extends DeclaredCall {
  /** The parameter of the calls behind it that takes the name: `QueueUrl`. */
  as: string;
  /** How many names one call takes, as an array. Default: one, as it is. */
  atOnce?: number;
}

/** An edge to another resource (`resource_type` and JMESPath `id`), or to an ARN (JMESPath `target`). Texts, or arrays of them. */
export type DeclaredRelation =
  | { type: string; resource_type: string; id: string }
  | { type: string; target: string };

/**
 * One type of resource. All expressions are JMESPath over one item, put into the CLI's own `--query`: what they leave
 * out never reaches this process.
 */
export interface DeclaredResource {
  /** `service:type`, as AWS writes it in ARNs: `sqs:queue`. */
  type: string;
  /** What it is, in words of meaning. */
  words?: string;
  /** What to ask IAM about it. */
  actions?: TypeActions;
  /** Calls that lead to the last one, each giving it a parameter: queue URLs, then the attributes of each. */
  through?: readonly DeclaredStep[];
  /** The call that has the resources: `list` where the CLI pages it, `read` where it answers in one piece. */
  list?: DeclaredCall & { pageSize?: number };
  read?: DeclaredCall;
  arn?: string;
  /** Where items have no ARN, how it is made: `arn:{partition}:route53:::hostedzone/{id}`; also `{region}` and `{account}`. */
  arnFormat?: string;
  /** Default: what the ARN has behind the kind of thing (`table/orders` is `orders`). */
  id?: string;
  /** What ids begin with in the output and nowhere else: `/hostedzone/`. */
  idPrefix?: string;
  /** Default: the tag `Name`, else the id. */
  name?: string;
  state?: string;
  /** A text of a time, or seconds since 1970. */
  created_at?: string;
  /** Tags in the item: a list of keys and values, or a map. */
  tags?: string;
  /** Where items have no tags: what the Resource Groups Tagging API calls the type (`sqs`), for one call per region. */
  taggedAs?: string;
  attributes?: Readonly<Record<string, string>>;
  relations?: readonly DeclaredRelation[];
  /** Words besides name, tags and state that say what it is. */
  search_words?: readonly string[];
}

/** A service scanner that is declared, not programmed. */
export interface DeclaredServiceScanner {
  service: string;
  /** Default `regional`. */
  scope?: 'regional' | 'global';
  /** IAM actions that its calls need. */
  requiredPermissions: readonly string[];
  resources: readonly DeclaredResource[];
}
