import type { MotoClient } from '../moto/client.ts';
import { elementText } from '../moto/xml.ts';
import { callerOf } from './call.ts';
import type { CallHandler } from './handler.ts';

/**
 * Answers DescribeRegions with the regions of the caller's partition, and with those that are not opted in only where they are asked
 * for. moto lists China and GovCloud too, and everything always.
 */
export function describeRegionsHandler(moto: MotoClient): CallHandler {
  return {
    accepts: (call) => call.service === 'ec2' && call.operation === 'DescribeRegions',
    async answer(call) {
      const answer = await moto({
        ...callerOf(call),
        service: 'ec2',
        region: call.region,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: call.parameters.toString(),
      });
      const all =
        call.parameters.get('AllRegions') === 'true' || call.parameters.has('RegionName.1');
      const body = answer.body.replaceAll(/<item>.*?<\/item>/gs, (item) => {
        const listed = all || elementText(item, 'optInStatus') !== 'not-opted-in';
        const ofPartition =
          partitionOf(elementText(item, 'regionName') ?? '') === partitionOf(call.region);
        return listed && ofPartition ? item : '';
      });
      return { status: answer.status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body };
    },
  };
}

function partitionOf(region: string): 'aws' | 'aws-cn' | 'aws-us-gov' {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
