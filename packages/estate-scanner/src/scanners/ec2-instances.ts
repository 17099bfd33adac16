import { z } from 'zod';
import type { DiscoveredResource } from '../resource.ts';
import type { ScanContext, TypeActions } from '../service-scanner.ts';
import { Names, TagList, Text, Time, arnEdges, edges } from './projection.ts';
import { filterCalls } from './wanted.ts';

/** User data and everything else that may hold a secret stays in the CLI. */
const QUERY = `Reservations[].{owner: OwnerId, instances: Instances[].{id: InstanceId, state: State.Name, tags: Tags,
  type: InstanceType, image: ImageId, key: KeyName, launched: LaunchTime, vpc: VpcId, subnet: SubnetId,
  zone: Placement.AvailabilityZone, private_ip: PrivateIpAddress, public_ip: PublicIpAddress,
  architecture: Architecture, platform: PlatformDetails, lifecycle: InstanceLifecycle,
  metadata_tokens: MetadataOptions.HttpTokens, profile: IamInstanceProfile.Arn,
  groups: SecurityGroups[].GroupId, volumes: BlockDeviceMappings[].Ebs.VolumeId,
  interfaces: NetworkInterfaces[].{id: NetworkInterfaceId, attached: Attachment.AttachTime}}}`;

const Instance = z.object({
  id: z.string(),
  state: Text,
  tags: TagList,
  type: Text,
  image: Text,
  key: Text,
  launched: Time,
  vpc: Text,
  subnet: Text,
  zone: Text,
  private_ip: Text,
  public_ip: Text,
  architecture: Text,
  platform: Text,
  lifecycle: Text,
  metadata_tokens: Text,
  profile: Text,
  groups: Names,
  volumes: Names,
  interfaces: z
    .array(z.object({ id: Text, attached: Time }))
    .nullish()
    .transform((list) => list ?? []),
});
type Instance = z.infer<typeof Instance>;

const Reservation = z.object({ owner: Text, instances: z.array(Instance) });

/** What to ask IAM about an instance. */
export const instanceActions: TypeActions = {
  onResource: [
    'ec2:StartInstances',
    'ec2:StopInstances',
    'ec2:RebootInstances',
    'ec2:TerminateInstances',
    'ec2:ModifyInstanceAttribute',
    'ec2:CreateTags',
    'ssm:StartSession',
    'ssm:SendCommand',
  ],
};

/** Finds instances; EC2 lists them by reservation, whose owner is theirs. */
export async function* readInstances(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  for (const call of filterCalls(context.wanted('ec2:instance'), 'instance-id')) {
    const options = { ...call, query: QUERY, pageSize: 1000 };
    for await (const item of context.list('ec2', 'describe-instances', options)) {
      const { owner, instances } = Reservation.parse(item);
      for (const instance of instances) yield toResource(context, owner, instance);
    }
  }
}

function toResource(
  context: ScanContext,
  owner: string | null,
  instance: Instance,
): DiscoveredResource {
  const account_id = owner ?? context.account_id;
  const { id, tags, state, type, interfaces, platform, public_ip } = instance;
  return {
    resource_type: 'ec2:instance',
    id,
    account_id,
    arn: `arn:${context.partition}:ec2:${context.region}:${account_id}:instance/${id}`,
    name: tags['Name'] ?? null,
    state,
    tags,
    // LaunchTime moves with every start; the first network interface was attached when it was made.
    created_at: interfaces.flatMap(({ attached }) => attached ?? []).sort()[0] ?? null,
    attributes: {
      instance_type: type,
      image_id: instance.image,
      key_name: instance.key,
      launched_at: instance.launched,
      vpc_id: instance.vpc,
      subnet_id: instance.subnet,
      availability_zone: instance.zone,
      private_ip: instance.private_ip,
      public_ip,
      architecture: instance.architecture,
      platform,
      lifecycle: instance.lifecycle ?? 'on-demand',
      metadata_tokens: instance.metadata_tokens,
      instance_profile_arn: instance.profile,
      security_group_ids: instance.groups,
      volume_ids: instance.volumes,
    },
    relations: [
      ...edges('in_vpc', 'ec2:vpc', [instance.vpc]),
      ...edges('in_subnet', 'ec2:subnet', [instance.subnet]),
      ...edges('uses_security_group', 'ec2:security-group', instance.groups),
      ...edges('has_volume', 'ec2:volume', instance.volumes),
      ...edges(
        'has_network_interface',
        'ec2:network-interface',
        interfaces.map(({ id }) => id),
      ),
      ...arnEdges('uses_instance_profile', [instance.profile]),
      ...edges('uses_image', 'ec2:image', [instance.image]),
      ...edges('uses_key_pair', 'ec2:key-pair', [instance.key]),
      ...arnEdges('has_address', [instance.private_ip, public_ip]),
    ],
    search_words: [
      type ?? '',
      /^(?:g|p)\d/u.test(type ?? '') ? 'GPU' : '',
      platform?.replace('/UNIX', '') ?? '',
      instance.lifecycle === 'spot' ? 'spot instance' : '',
      public_ip === null ? '' : 'public address, reachable from the internet',
    ],
  };
}
