import { expectSuccess } from '../moto/api.ts';
import type { MotoClient } from '../moto/client.ts';
import { type Environment, companySlug, services, shortEnvironment, tagsOf } from './company.ts';
import type { Random } from './random.ts';

const purposes = ['assets', 'exports', 'uploads', 'logs', 'backups', 'receipts'] as const;
const environments = ['production', 'staging', 'development'] as const;

/** Makes exactly that many buckets in a region; tags, encryption, versioning and public access differ. */
export async function createBuckets(
  moto: MotoClient,
  region: string,
  count: number,
  random: Random,
): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const service = services[index % services.length] ?? services[0];
    const environment = environments[Math.floor(index / services.length) % 3] ?? 'production';
    const round = Math.floor(index / (services.length * 3));
    const purpose = purposes[(index + round) % purposes.length] ?? 'assets';
    const name = [
      companySlug,
      service.name,
      purpose,
      shortEnvironment[environment],
      region,
      ...(round === 0 ? [] : [String(round + 1)]),
    ].join('-');
    await createBucket(moto, region, name);
    await configureBucket(moto, region, name, environment, random);
    if (random.chance(0.85)) {
      const tags = tagsOf(service, environment, { Purpose: purpose });
      const set = tags.map(
        ({ Key, Value }) => `<Tag><Key>${Key}</Key><Value>${Value}</Value></Tag>`,
      );
      await put(
        moto,
        region,
        name,
        'tagging',
        `<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`,
      );
    }
  }
}

async function createBucket(moto: MotoClient, region: string, name: string): Promise<void> {
  const body =
    region === 'us-east-1'
      ? ''
      : `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  const answer = await moto({ service: 's3', region, method: 'PUT', path: `/${name}`, body });
  expectSuccess(answer, `s3:CreateBucket ${name}`);
}

async function configureBucket(
  moto: MotoClient,
  region: string,
  name: string,
  environment: Environment,
  random: Random,
): Promise<void> {
  const careful = environment === 'production';
  if (random.chance(careful ? 0.8 : 0.3)) {
    await put(
      moto,
      region,
      name,
      'versioning',
      '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    );
  }
  if (random.chance(careful ? 0.9 : 0.5)) {
    await put(
      moto,
      region,
      name,
      'encryption',
      '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>',
    );
  }
  if (random.chance(0.7)) {
    const on = random.chance(0.9);
    const flags = [
      'BlockPublicAcls',
      'IgnorePublicAcls',
      'BlockPublicPolicy',
      'RestrictPublicBuckets',
    ];
    const fields = flags.map((flag) => `<${flag}>${on}</${flag}>`).join('');
    await put(
      moto,
      region,
      name,
      'publicAccessBlock',
      `<PublicAccessBlockConfiguration>${fields}</PublicAccessBlockConfiguration>`,
    );
  }
}

async function put(
  moto: MotoClient,
  region: string,
  bucket: string,
  subResource: string,
  body: string,
): Promise<void> {
  const path = `/${bucket}?${subResource}`;
  const answer = await moto({ service: 's3', region, method: 'PUT', path, body });
  expectSuccess(answer, `s3 PUT ${path}`);
}
