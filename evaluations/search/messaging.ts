import { nameOf } from './names.ts';
import type { Deployment } from './deployment.ts';

/** Queues, topics, tables, load balancers, secrets, alarms, caches and containers of a deployment. */
export function addMessaging(deployment: Deployment): void {
  const { estate, application, env, tags, about } = deployment;
  const { region } = application;
  const style = application.style === 'app/part/env' ? 'app-part-env' : application.style;
  const named = (part: string) => nameOf({ ...application, style }, part, env);
  const arnOf = (service: string, rest: string) =>
    `arn:aws:${service}:${region}:123456789012:${rest}`;
  const tagged = (arn: string) =>
    estate.answers.add(region, 'resourcegroupstaggingapi get-resources', { arn, tags });

  for (const part of application.queues ?? []) {
    const id = named(part);
    const arn = arnOf('sqs', id);
    const url = `https://sqs.${region}.amazonaws.com/123456789012/${id}`;
    estate.know(region, { ...about, type: 'sqs:queue', id, part });
    estate.answers.add(region, 'sqs list-queues', { value: url });
    estate.answers.read('sqs get-queue-attributes', url, [{ arn }]);
    tagged(arn);
  }
  for (const part of application.topics ?? []) {
    const id = named(part);
    const arn = arnOf('sns', id);
    estate.know(region, { ...about, type: 'sns:topic', id, part });
    estate.answers.add(region, 'sns list-topics', { value: arn });
    estate.answers.read('sns get-topic-attributes', arn, [{ arn }]);
    tagged(arn);
  }
  for (const part of application.tables ?? []) {
    const id = named(part);
    const arn = arnOf('dynamodb', `table/${id}`);
    estate.know(region, { ...about, type: 'dynamodb:table', id, part });
    estate.answers.add(region, 'dynamodb list-tables', { value: id });
    estate.answers.read('dynamodb describe-table', id, [{ arn, state: 'ACTIVE' }]);
    tagged(arn);
  }
  const { balancer } = application;
  if (balancer !== undefined) {
    const name = named('lb');
    const arn = arnOf('elasticloadbalancing', `loadbalancer/app/${name}/50dc6c495c0c9188`);
    const isPublic = balancer === 'internet-facing';
    estate.add(region, 'elbv2 describe-load-balancers', {
      ...about,
      type: 'elasticloadbalancing:loadbalancer',
      id: `app/${name}/50dc6c495c0c9188`,
      isPublic,
      item: {
        id: undefined,
        arn,
        name,
        state: 'active',
        attributes: { type: 'application', scheme: balancer },
        search_words: ['application', balancer, isPublic && 'public'],
      },
    });
    tagged(arn);
  }
  for (const part of application.secrets ?? []) {
    const id = nameOf({ ...application, style: 'app/part/env' }, part, env);
    estate.add(region, 'secretsmanager list-secrets', {
      ...about,
      type: 'secretsmanager:secret',
      id,
      part,
      item: { arn: arnOf('secretsmanager', `secret:${id}-AbCdEf`), name: id, tags },
    });
  }
  for (const part of env === 'production' ? (application.alarms ?? []) : []) {
    const id = named(part);
    estate.add(region, 'cloudwatch describe-alarms', {
      ...about,
      type: 'cloudwatch:alarm',
      id,
      part,
      state: part === 'disk-space' ? 'ALARM' : 'OK',
      item: {
        arn: arnOf('cloudwatch', `alarm:${id}`),
        name: id,
        state: part === 'disk-space' ? 'ALARM' : 'OK',
        search_words: [`tells the ${application.team} team`],
      },
    });
  }
  if (application.cache !== undefined) {
    const id = named(application.cache).toLowerCase();
    const arn = arnOf('elasticache', `cluster:${id}`);
    estate.add(region, 'elasticache describe-cache-clusters', {
      ...about,
      type: 'elasticache:cluster',
      id,
      part: application.cache,
      state: 'available',
      item: { arn, name: id, state: 'available', search_words: ['redis'] },
    });
    tagged(arn);
  }
  addContainers(deployment, named, arnOf);
}

function addContainers(
  { estate, application, env, tags, about }: Deployment,
  named: (part: string) => string,
  arnOf: (service: string, rest: string) => string,
): void {
  const { region, containers = [] } = application;
  if (containers.length === 0) return;
  const cluster = nameOf({ app: application.app, style: 'app-part-env' }, 'apps', env);
  const clusterArn = arnOf('ecs', `cluster/${cluster}`);
  estate.know(region, { ...about, type: 'ecs:cluster', id: cluster, state: 'ACTIVE' });
  estate.answers.add(region, 'ecs list-clusters', { value: clusterArn });
  estate.answers.read('ecs describe-clusters', clusterArn, [
    { arn: clusterArn, state: 'ACTIVE', tags },
  ]);
  const services = containers.map((part) => {
    const id = `${cluster}/${named(part)}`;
    estate.know(region, { ...about, type: 'ecs:service', id, part, state: 'ACTIVE' });
    return { arn: arnOf('ecs', `service/${id}`), name: named(part), state: 'ACTIVE', tags };
  });
  estate.answers.add(region, 'ecs list-services', { value: clusterArn });
  estate.answers.read('ecs describe-services', clusterArn, services);
}
