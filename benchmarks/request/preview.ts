import { noEncryption, StorageService } from 'cloudops-storage-service';
import { contextDigest, Playbook, type PlaybookRequest } from 'cloudops-request-builder/protocol';
import { percentiles } from '../measure/percentiles.ts';
import type { Report } from '../measure/report.ts';
import { resources } from '../storage/dataset.ts';
import { builderOn, target } from './builder.ts';

const STEPS = 500;
const ROUNDS = 40;

/** A playbook of 500 steps validated, classified and previewed, beside the parse by its schema alone. */
export async function benchPreview(report: Report): Promise<void> {
  await using storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  await storage.estate.upsert(resources(0, 500));
  const builder = builderOn(storage, { constraints: { max_steps: 1000 } });
  const request = await builder.build({ message: 'stop the web servers', conversation_id: 'c' });
  const playbook = playbookOf(request);
  const schema = await percentiles(ROUNDS, () => Playbook.parse(playbook));
  report.add(`the schema alone over ${STEPS} steps`, schema);
  const preview = await percentiles(ROUNDS, () => builder.preview(playbook, { request }));
  report.add(`validate, classify and preview ${STEPS} steps`, preview, { atMost: { p95: 25 } });
}

/** Steps of a dozen operations about the resources of the request, in a graph. */
function playbookOf(request: PlaybookRequest): Playbook {
  const operations = [
    'ec2 stop-instances',
    'ec2 describe-instances',
    'rds stop-db-instance',
    's3api put-bucket-tagging',
    'lambda get-function-configuration',
    'ec2 create-tags',
    'rds describe-db-instances',
    'ec2 start-instances',
    'sqs get-queue-attributes',
    'dynamodb describe-table',
    'ec2 modify-instance-attribute',
    'iam list-roles',
  ];
  return Playbook.parse({
    schema: 'playbook/v1',
    playbook_id: 'bench',
    request_id: request.request_id,
    context_digest: contextDigest(request),
    target,
    summary: 'Does a lot.',
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    strategy: { type: 'dependency_graph', max_concurrency: 4 },
    steps: Array.from({ length: STEPS }, (_, index) => {
      const [service, operation] = (operations[index % operations.length] ?? '').split(' ');
      const resource = request.resources[index % request.resources.length];
      const id = resource?.arn?.split('/').at(-1) ?? 'none';
      return {
        id: `s${index}`,
        title: `Step ${index}`,
        command: {
          type: 'aws_cli',
          service,
          operation,
          parameters: { 'instance-ids': [id] },
          region: 'eu-west-1',
        },
        resources: resource ? [resource.ref] : [],
        depends_on: index < 10 ? [] : [`s${index - 10}`],
      };
    }),
  });
}
