import type { FakeAws } from '../src/index.ts';
import { elementTexts } from '../src/moto/xml.ts';

/** The types that a seed's summary counts, each with the call that lists it and the element that names one. */
const calls = {
  'ec2:instance': ['ec2', 'DescribeInstances', 'instanceId'],
  'ec2:vpc': ['ec2', 'DescribeVpcs', 'vpcId'],
  'ec2:subnet': ['ec2', 'DescribeSubnets', 'subnetId'],
  'ec2:security-group': ['ec2', 'DescribeSecurityGroups', 'groupId'],
  'ec2:route-table': ['ec2', 'DescribeRouteTables', 'routeTableId'],
  'ec2:internet-gateway': ['ec2', 'DescribeInternetGateways', 'internetGatewayId'],
  'ec2:natgateway': ['ec2', 'DescribeNatGateways', 'natGatewayId'],
  'ec2:vpc-endpoint': ['ec2', 'DescribeVpcEndpoints', 'vpcEndpointId'],
  'rds:db': ['rds', 'DescribeDBInstances', 'DBInstanceArn'],
  'rds:cluster': ['rds', 'DescribeDBClusters', 'DBClusterArn'],
  's3:bucket': ['s3', 'ListBuckets', 'Name'],
  'lambda:function': ['lambda', 'ListFunctions', 'FunctionArn'],
} as const;

type CountedType = keyof typeof calls;

/** All of them. */
export const types: readonly CountedType[] = [
  'ec2:instance',
  'ec2:vpc',
  'ec2:subnet',
  'ec2:security-group',
  'ec2:route-table',
  'ec2:internet-gateway',
  'ec2:natgateway',
  'ec2:vpc-endpoint',
  'rds:db',
  'rds:cluster',
  's3:bucket',
  'lambda:function',
];

/** How many of each type the API lists in a region. */
export async function listing(aws: FakeAws, region: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const type of types) counts[type] = (await listingOf(aws, type, region)).length;
  return counts;
}

/** The ids or names of one type in a region, page by page, as the API gives them. */
export async function listingOf(
  aws: FakeAws,
  type: CountedType,
  region: string,
): Promise<string[]> {
  const [service, action, element] = calls[type];
  const found: string[] = [];
  let marker: string | null = '';
  while (marker !== null) {
    const text: string = await page(aws, service, action, region, marker);
    if (service === 'lambda') {
      found.push(...[...text.matchAll(/"FunctionArn": "([^"]+)"/g)].map(([, arn]) => arn ?? ''));
      marker = /"NextMarker": "([^"]+)"/.exec(text)?.[1] ?? null;
    } else {
      found.push(...elementTexts(text, element));
      marker = elementTexts(text, service === 'rds' ? 'Marker' : 'nextToken')[0] ?? null;
    }
  }
  return type.startsWith('ec2:') ? found.filter((_, at) => isOwn(found, at)) : found;
}

/** EC2 names a VPC in each thing inside it as well; what is listed is each id once. */
function isOwn(found: readonly string[], at: number): boolean {
  return found.indexOf(found[at] ?? '') === at;
}

async function page(
  aws: FakeAws,
  service: string,
  action: string,
  region: string,
  marker: string,
): Promise<string> {
  const authorization = `AWS4-HMAC-SHA256 Credential=${aws.env['AWS_ACCESS_KEY_ID']}/20260101/${region}/${service}/aws4_request`;
  if (service === 's3') {
    const url = `${aws.endpointUrl}/?bucket-region=${region}`;
    return (await fetch(url, { headers: { authorization } })).text();
  }
  if (service === 'lambda') {
    const url = `${aws.endpointUrl}/2015-03-31/functions?Marker=${encodeURIComponent(marker)}`;
    return (await fetch(url, { headers: { authorization } })).text();
  }
  const version = service === 'ec2' ? '2016-11-15' : '2014-10-31';
  const token = service === 'ec2' ? 'NextToken' : 'Marker';
  const body = new URLSearchParams({ Action: action, Version: version });
  if (marker !== '') body.set(token, marker);
  const response = await fetch(aws.endpointUrl, {
    method: 'POST',
    headers: { authorization },
    body,
  });
  return response.text();
}
