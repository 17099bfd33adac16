import type { Json } from '../resource.ts';

/**
 * Services, by the name of their CLI command, that name a list in their answer also where it is empty. Of a body that is none of
 * theirs (the page of a proxy, with status 200) the AWS CLI makes an answer without any field, and of that an empty list: for services
 * of JSON whatever the body is, for the others where it is well-formed XML. The CLI itself refuses what is no answer of the query
 * protocol (RDS, IAM, STS and others). SQS is not among them: it leaves the list out where there is none.
 */
const ALWAYS_NAMED: ReadonlySet<string> = new Set([
  'account',
  'dynamodb',
  'ec2',
  'ecr',
  'ecs',
  'eks',
  'kms',
  'lambda',
  'organizations',
  'resourcegroupstaggingapi',
  'route53',
  's3api',
  'secretsmanager',
]);

/** Whether what a query found in an answer of the service can be a list: an empty one is named as well. */
export function canBeList(service: string, items: Json | undefined): boolean {
  return Array.isArray(items) || !ALWAYS_NAMED.has(service);
}
