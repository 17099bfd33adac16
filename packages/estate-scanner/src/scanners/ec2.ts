import type { DiscoveredResource } from '../resource.ts';
import { defineServiceScanner, type TypeActions } from '../service-scanner.ts';
import { images, readOwnImages } from './ec2-images.ts';
import { instanceActions, readInstances } from './ec2-instances.ts';
import { keyPairs } from './ec2-key-pairs.ts';
import { readList } from './ec2-list.ts';
import { volumes } from './ec2-volumes.ts';

const lists = [volumes, keyPairs, images];

/**
 * EC2 instances, volumes, key pairs and images: the account's own, and those that instances run from. Four calls per region, and one more
 * where instances run from images of others: all that an account could use are tens of thousands.
 */
export const ec2Scanner = defineServiceScanner({
  service: 'ec2',
  resourceTypes: ['ec2:instance', ...lists.map(({ type }) => type)],
  requiredPermissions: ['ec2:DescribeInstances', ...lists.map(({ permission }) => permission)],
  words: {
    'ec2:instance': 'EC2 instance, virtual machine, server',
    ...Object.fromEntries(lists.map(({ type, words }) => [type, words])),
  },
  actions: {
    'ec2:instance': instanceActions,
    ...Object.fromEntries(
      lists.flatMap(({ type, actions }): [string, TypeActions][] =>
        actions === undefined ? [] : [[type, actions]],
      ),
    ),
  },
  async *scan(context) {
    const inUse = new Set<string>();
    const own = new Set<string>();
    const wanted = context.wanted(images.type);
    yield* context.tolerate(notingImages(readInstances(context), inUse));
    yield* context.tolerate(readList(context, volumes));
    yield* context.tolerate(readList(context, keyPairs));
    if (wanted === null) yield* context.tolerate(noting(readOwnImages(context), own));
    const others = [...inUse].filter((id) => !own.has(id));
    yield* context.tolerate(readList(context, images, wanted ?? others));
  },
});

async function* notingImages(
  instances: AsyncIterable<DiscoveredResource>,
  inUse: Set<string>,
): AsyncGenerator<DiscoveredResource> {
  for await (const instance of instances) {
    const image = instance.attributes?.['image_id'];
    if (typeof image === 'string') inUse.add(image);
    yield instance;
  }
}

async function* noting(
  found: AsyncIterable<DiscoveredResource>,
  ids: Set<string>,
): AsyncGenerator<DiscoveredResource> {
  for await (const resource of found) {
    ids.add(resource.id);
    yield resource;
  }
}
