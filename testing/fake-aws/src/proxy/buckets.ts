import type { MotoClient } from '../moto/client.ts';
import { elementText, escapeXml } from '../moto/xml.ts';
import { type AwsCall, callerOf } from './call.ts';
import type { CallHandler } from './handler.ts';

interface Bucket {
  name: string;
  created: string;
}

/**
 * Answers ListBuckets as S3 does: with any request parameter each bucket carries its BucketRegion, and the list is paged by
 * `max-buckets` and `continuation-token`; without one it is the whole list and no regions. moto knows neither regions here nor pages.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
 */
export function listBucketsHandler(moto: MotoClient): CallHandler {
  // A bucket never moves; only a deleted name can come back elsewhere.
  const regions = new Map<string, string>();
  const regionOf = async (call: AwsCall, name: string) => {
    const region = regions.get(name) ?? (await bucketRegion(moto, call, name));
    regions.set(name, region);
    return region;
  };
  return {
    completed(call) {
      if (call.operation === 'DeleteBucket') regions.clear();
    },
    accepts: (call) => call.service === 's3' && call.operation === 'ListBuckets',
    async answer(call) {
      const listed = await moto({
        ...callerOf(call),
        service: 's3',
        region: call.region,
        method: 'GET',
      });
      const headers = { 'content-type': 'application/xml' };
      const asked = pageAsked(call.parameters);
      if (asked === null) return { status: listed.status, headers, body: listed.body };
      const found = await select(bucketsIn(listed.body), asked, (name) => regionOf(call, name));
      return { status: 200, headers, body: document(found, asked) };
    },
  };
}

interface PageAsked {
  prefix: string;
  region: string | null;
  after: string;
  size: number;
}

const ownParameters = ['prefix', 'bucket-region', 'max-buckets', 'continuation-token'];

function pageAsked(parameters: URLSearchParams): PageAsked | null {
  if (!ownParameters.some((name) => parameters.has(name))) return null;
  const token = parameters.get('continuation-token') ?? '';
  return {
    prefix: parameters.get('prefix') ?? '',
    region: parameters.get('bucket-region'),
    after: Buffer.from(token, 'base64url').toString(),
    size: Number(parameters.get('max-buckets') ?? 10_000),
  };
}

async function select(
  buckets: readonly Bucket[],
  asked: PageAsked,
  regionOf: (name: string) => Promise<string>,
): Promise<(Bucket & { region: string })[]> {
  const candidates = buckets
    .filter(({ name }) => name.startsWith(asked.prefix) && name > asked.after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: (Bucket & { region: string })[] = [];
  for (const bucket of candidates) {
    // One more than the page holds tells whether there is another.
    if (found.length > asked.size) break;
    const region = await regionOf(bucket.name);
    if (asked.region === null || asked.region === region) found.push({ ...bucket, region });
  }
  return found;
}

async function bucketRegion(moto: MotoClient, call: AwsCall, name: string): Promise<string> {
  const path = `/${name}?location`;
  const answer = await moto({
    ...callerOf(call),
    service: 's3',
    region: call.region,
    method: 'GET',
    path,
  });
  const location = /<LocationConstraint[^>]*>([^<]+)</.exec(answer.body)?.[1];
  return location ?? 'us-east-1';
}

function bucketsIn(xml: string): Bucket[] {
  return [...xml.matchAll(/<Bucket>(.*?)<\/Bucket>/gs)].map(([, item]) => ({
    name: elementText(item ?? '', 'Name') ?? '',
    created: elementText(item ?? '', 'CreationDate') ?? '',
  }));
}

function document(found: readonly (Bucket & { region: string })[], asked: PageAsked): string {
  const page = found.slice(0, asked.size);
  const items = page.map(
    ({ name, created, region }) =>
      `<Bucket><Name>${escapeXml(name)}</Name><CreationDate>${created}</CreationDate><BucketRegion>${region}</BucketRegion></Bucket>`,
  );
  const last = page.at(-1);
  const token =
    found.length > page.length && last !== undefined
      ? `<ContinuationToken>${Buffer.from(last.name).toString('base64url')}</ContinuationToken>`
      : '';
  const prefix = asked.prefix === '' ? '' : `<Prefix>${escapeXml(asked.prefix)}</Prefix>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    '<Owner><ID>bcaf1ffd86f41161ca5fb16fd081034f</ID></Owner>' +
    `<Buckets>${items.join('')}</Buckets>${prefix}${token}</ListAllMyBucketsResult>`
  );
}
