import { defineServiceScanner } from '../../service-scanner.ts';

/**
 * What EC2 has beside machines and networks: snapshots and launch templates, Elastic IPs, network interfaces, network ACLs. One list
 * each per region. User data of launch templates is not asked for.
 */
export const ec2DetailsScanner = defineServiceScanner({
  service: 'ec2-details',
  requiredPermissions: [
    'ec2:DescribeSnapshots',
    'ec2:DescribeLaunchTemplates',
    'ec2:DescribeAddresses',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeNetworkAcls',
  ],
  resources: [
    {
      type: 'ec2:snapshot',
      words: 'EBS snapshot, backup of a disk',
      actions: { onResource: ['ec2:DeleteSnapshot', 'ec2:ModifySnapshotAttribute'] },
      list: {
        call: 'ec2 describe-snapshots',
        parameters: { OwnerIds: ['self'] },
        items: 'Snapshots',
        pageSize: 1000,
      },
      arnFormat: 'arn:{partition}:ec2:{region}::snapshot/{id}',
      id: 'SnapshotId',
      state: 'State',
      created_at: 'StartTime',
      tags: 'Tags',
      attributes: {
        size_gb: 'VolumeSize',
        encrypted: 'Encrypted',
        description: 'Description',
        storage_tier: 'StorageTier',
      },
      relations: [
        { type: 'snapshot_of', resource_type: 'ec2:volume', id: 'VolumeId' },
        { type: 'encrypted_by', target: 'KmsKeyId' },
      ],
      search_words: ['Description', "Encrypted == `false` && 'unencrypted'"],
    },
    {
      type: 'ec2:launch-template',
      words: 'launch template, settings that servers start with',
      actions: {
        onResource: ['ec2:ModifyLaunchTemplate', 'ec2:DeleteLaunchTemplate', 'ec2:RunInstances'],
      },
      list: { call: 'ec2 describe-launch-templates', items: 'LaunchTemplates', pageSize: 200 },
      arnFormat: 'arn:{partition}:ec2:{region}:{account}:launch-template/{id}',
      id: 'LaunchTemplateId',
      name: 'LaunchTemplateName',
      created_at: 'CreateTime',
      tags: 'Tags',
      attributes: {
        default_version: 'DefaultVersionNumber',
        latest_version: 'LatestVersionNumber',
      },
    },
    {
      type: 'ec2:elastic-ip',
      words: 'Elastic IP, fixed public address',
      actions: {
        onResource: ['ec2:AssociateAddress', 'ec2:DisassociateAddress', 'ec2:ReleaseAddress'],
      },
      read: { call: 'ec2 describe-addresses', items: 'Addresses' },
      arnFormat: 'arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}',
      id: 'AllocationId',
      tags: 'Tags',
      attributes: { public_ip: 'PublicIp', private_ip: 'PrivateIpAddress' },
      relations: [
        { type: 'attached_to', resource_type: 'ec2:instance', id: 'InstanceId' },
        {
          type: 'attached_to',
          resource_type: 'ec2:network-interface',
          id: 'NetworkInterfaceId',
        },
        { type: 'has_address', target: '[PublicIp, PrivateIpAddress]' },
      ],
      search_words: ["(AssociationId && 'in use') || 'unattached, unused'"],
    },
    {
      type: 'ec2:network-interface',
      words: 'network interface, network card',
      actions: {
        onResource: ['ec2:ModifyNetworkInterfaceAttribute', 'ec2:DeleteNetworkInterface'],
      },
      list: {
        call: 'ec2 describe-network-interfaces',
        items: 'NetworkInterfaces',
        pageSize: 1000,
      },
      arnFormat: 'arn:{partition}:ec2:{region}:{account}:network-interface/{id}',
      id: 'NetworkInterfaceId',
      state: 'Status',
      tags: 'TagSet',
      attributes: {
        description: 'Description',
        kind: 'InterfaceType',
        private_ip: 'PrivateIpAddress',
        public_ip: 'Association.PublicIp',
      },
      relations: [
        { type: 'in_vpc', resource_type: 'ec2:vpc', id: 'VpcId' },
        { type: 'in_subnet', resource_type: 'ec2:subnet', id: 'SubnetId' },
        { type: 'attached_to', resource_type: 'ec2:instance', id: 'Attachment.InstanceId' },
        {
          type: 'uses_security_group',
          resource_type: 'ec2:security-group',
          id: 'Groups[].GroupId',
        },
        { type: 'has_address', target: '[PrivateIpAddress, Association.PublicIp]' },
      ],
      search_words: ['Description', "Association.PublicIp && 'public address'"],
    },
    {
      type: 'ec2:network-acl',
      words: 'network ACL, firewall of subnets',
      actions: { onResource: ['ec2:CreateNetworkAclEntry', 'ec2:DeleteNetworkAcl'] },
      list: { call: 'ec2 describe-network-acls', items: 'NetworkAcls', pageSize: 1000 },
      arnFormat: 'arn:{partition}:ec2:{region}:{account}:network-acl/{id}',
      id: 'NetworkAclId',
      tags: 'Tags',
      attributes: {
        is_default: 'IsDefault',
        rules:
          "Entries[].join(' ', [to_string(RuleNumber), (Egress && 'out') || 'in', RuleAction, CidrBlock || Ipv6CidrBlock || ''])",
      },
      relations: [
        { type: 'in_vpc', resource_type: 'ec2:vpc', id: 'VpcId' },
        { type: 'protects', resource_type: 'ec2:subnet', id: 'Associations[].SubnetId' },
      ],
      search_words: ["IsDefault && 'default'"],
    },
  ],
});
