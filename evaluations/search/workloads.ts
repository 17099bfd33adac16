import type { Application } from './application.ts';
import { applications } from './company.ts';
import { addMessaging } from './messaging.ts';
import type { Deployment } from './deployment.ts';
import type { Estate } from './estate.ts';
import { type Environment, nameOf, plainNameOf, tagsOf } from './names.ts';

export function addWorkloads(estate: Estate): void {
  for (const [index, application] of applications.entries()) {
    const environments: Environment[] = ['production'];
    for (const env of ['staging', 'dev'] as const) {
      if (application.also?.includes(env) === true) environments.push(env);
    }
    for (const env of environments) {
      const { app, team, region } = application;
      const about = { app, team, env, region };
      const tags = tagsOf(application, env, index);
      const deployment = { estate, application, env, tags, about };
      addMachines(deployment);
      addDatabase(deployment);
      addFunctions(deployment);
      addBuckets(deployment);
      addMessaging(deployment);
    }
  }
}

function addMachines({ estate, application, env, tags, about }: Deployment): void {
  const { region, app } = application;
  for (const [part, most] of Object.entries(application.machines ?? {})) {
    const count = env === 'production' ? most : 1;
    for (let number = 1; number <= count; number += 1) {
      const id = estate.newId('i');
      const volume = estate.newId('vol');
      const name = nameOf(application, part, env, number);
      // Machines outside production are stopped now and then.
      const state = env !== 'production' && part.length % 2 === 0 ? 'stopped' : 'running';
      const isPublic = part === 'web' || part === 'wordpress' || part === 'jenkins';
      const platform = app === 'warehouse' ? 'Windows' : 'Linux/UNIX';
      estate.know(region, { ...about, type: 'ec2:instance', id, part, state, isPublic });
      estate.answers.add(region, 'ec2 describe-instances', {
        owner: '123456789012',
        instances: [
          {
            id,
            state,
            tags: [{ Key: 'Name', Value: name }, ...tags],
            type: app === 'recommendations' ? 'g5.xlarge' : 'm7g.large',
            platform,
            public_ip: isPublic ? '203.0.113.7' : null,
            lifecycle: part === 'runner' ? 'spot' : null,
            volumes: [volume],
          },
        ],
      });
      estate.add(region, 'ec2 describe-volumes', {
        ...about,
        type: 'ec2:volume',
        id: volume,
        part,
        state: 'in-use',
        item: {
          state: 'in-use',
          tags: number === 1 ? [{ Key: 'Name', Value: `${name}-disk` }] : [],
          kind: 'gp3',
          size_gb: 100,
          encrypted: env === 'production',
          instances: [id],
        },
      });
    }
  }
}

function addDatabase({ estate, application, env, tags, about }: Deployment): void {
  const { database, region } = application;
  if (database === undefined) return;
  const { engine, name, cluster } = database;
  const service = engine === 'neptune' || engine === 'docdb' ? engine : 'rds';
  const id = plainNameOf(application, `${name}-db`, env);
  const arn = (kind: string, of: string) => `arn:aws:rds:${region}:123456789012:${kind}:${of}`;
  const state = env === 'dev' ? 'stopped' : 'available';
  const common = {
    state,
    tags,
    engine,
    encrypted: env === 'production',
    multi_az: env === 'production',
  };
  const members = cluster === true ? [`${id}-1`, `${id}-2`] : [id];
  for (const member of members) {
    estate.add(region, 'rds describe-db-instances', {
      ...about,
      type: `${service}:db`,
      id: member,
      part: name,
      state,
      isPublic: application.app === 'website',
      item: {
        ...common,
        arn: arn('db', member),
        class: 'db.r6g.large',
        public: application.app === 'website',
        cluster: cluster === true ? id : null,
      },
    });
  }
  if (cluster !== true) return;
  const item = { ...common, arn: arn('cluster', id), members };
  const fact = { ...about, type: `${service}:cluster`, id, part: name, state };
  estate.add(region, 'rds describe-db-clusters', { ...fact, item });
}

function addFunctions({ estate, application, env, tags, about }: Deployment): void {
  const { region, app } = application;
  for (const part of application.functions ?? []) {
    const id = nameOf({ ...application, style: lambdaStyle(application) }, part, env);
    const arn = `arn:aws:lambda:${region}:123456789012:function:${id}`;
    estate.add(region, 'lambda list-functions', {
      ...about,
      type: 'lambda:function',
      id,
      part,
      item: {
        name: id,
        arn,
        runtime: app === 'etl' || app === 'recommendations' ? 'python3.13' : 'nodejs22.x',
        description: part === 'nightly-load' ? 'Loads yesterday into the warehouse' : null,
      },
    });
    estate.answers.add(region, 'resourcegroupstaggingapi get-resources', { arn, tags });
  }
}

/** Function names take no slashes. */
function lambdaStyle({ style }: Application): Application['style'] {
  return style === 'app/part/env' ? 'app-part-env' : style;
}

function addBuckets({ estate, application, env, tags, about }: Deployment): void {
  const { region } = application;
  for (const part of application.buckets ?? []) {
    const id = `acme-${plainNameOf(application, part, env)}`;
    const isPublic = part === 'public-assets' || part === 'product-images';
    estate.know(region, { ...about, type: 's3:bucket', id, part, isPublic });
    // Buckets of all regions are in one list.
    estate.answers.add('any', 's3api list-buckets', { name: id, region });
    estate.answers.add(region, 'resourcegroupstaggingapi get-resources', {
      arn: `arn:aws:s3:::${id}`,
      tags,
    });
    const blocked = !isPublic;
    const block = { acls: blocked, ignore: blocked, policy: blocked, restrict: blocked };
    estate.answers.read('s3api get-public-access-block', id, block);
    estate.answers.read('s3api get-bucket-encryption', id, { algorithm: 'AES256' });
    if (env === 'production') {
      estate.answers.read('s3api get-bucket-versioning', id, { status: 'Enabled' });
    }
  }
}
