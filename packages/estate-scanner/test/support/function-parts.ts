import { awsCall, type FakeEstate } from './fake-estate.ts';

/** Gives the function of that name a queue that feeds it, a published version and an alias. */
export async function addFunctionParts(
  { engine }: FakeEstate,
  region: string,
  FunctionName: string,
): Promise<void> {
  const call = (operation: string, parameters: object) =>
    awsCall(engine, region, 'lambda', operation, { FunctionName, ...parameters });
  await awsCall(engine, region, 'sqs', 'create-queue', { QueueName: 'jobs' });
  await call('create-event-source-mapping', {
    EventSourceArn: `arn:aws:sqs:${region}:123456789012:jobs`,
    BatchSize: 5,
  });
  await call('publish-version', {});
  await call('create-alias', { Name: 'live', FunctionVersion: '1' });
}
