import { z } from 'zod';
import { Count, Names, TagList, Text } from './projection.ts';
import { ec2Resource, type Ec2List } from './ec2-list.ts';
import { openWords } from './open-ports.ts';

const RULE = `{protocol: IpProtocol, from: FromPort, to: ToPort, ranges: IpRanges[].CidrIp,
  ranges_v6: Ipv6Ranges[].CidrIpv6, lists: PrefixListIds[].PrefixListId,
  groups: UserIdGroupPairs[].{id: GroupId, account: UserId}}`;

const Rule = z.object({
  protocol: Text,
  from: Count,
  to: Count,
  ranges: Names,
  ranges_v6: Names,
  lists: Names,
  groups: z
    .array(z.object({ id: Text, account: Text }))
    .nullish()
    .transform((groups) => groups ?? []),
});
type Rule = z.infer<typeof Rule>;

const Rules = z
  .array(Rule)
  .nullish()
  .transform((rules) => rules ?? []);

const SecurityGroup = z.object({
  id: z.string(),
  owner: Text,
  arn: Text,
  group_name: Text,
  description: Text,
  tags: TagList,
  vpc: Text,
  ingress: Rules,
  egress: Rules,
});

export const securityGroups: Ec2List = {
  type: 'ec2:security-group',
  words: 'security group, firewall rules',
  operation: 'describe-security-groups',
  permission: 'ec2:DescribeSecurityGroups',
  idFilter: 'group-id',
  pageSize: 1000,
  query: `SecurityGroups[].{id: GroupId, owner: OwnerId, arn: SecurityGroupArn, group_name: GroupName,
    description: Description, tags: Tags, vpc: VpcId, ingress: IpPermissions[].${RULE},
    egress: IpPermissionsEgress[].${RULE}}`,
  toResource(item, context) {
    const group = SecurityGroup.parse(item);
    const open = group.ingress.filter((rule) =>
      [...rule.ranges, ...rule.ranges_v6].some(
        (range) => range === '0.0.0.0/0' || range === '::/0',
      ),
    );
    const vpc =
      group.vpc === null ? [] : [{ type: 'in_vpc', resource_type: 'ec2:vpc', id: group.vpc }];
    return ec2Resource(context, securityGroups.type, group, {
      name: group.group_name,
      attributes: {
        vpc_id: group.vpc,
        group_name: group.group_name,
        description: group.description,
        ingress: group.ingress.flatMap((rule) => shortRules(rule, 'from')).sort(),
        egress: group.egress.flatMap((rule) => shortRules(rule, 'to')).sort(),
        open_to_internet: open.length > 0,
      },
      relations: [
        ...vpc,
        ...referenced(group.ingress, 'allows_from', context.account_id),
        ...referenced(group.egress, 'allows_to', context.account_id),
      ],
      search_words: [openWords(open), group.description ?? ''],
    });
  },
};

/** A rule in short, one line per peer: `tcp 443 from 0.0.0.0/0`. */
function shortRules(rule: Rule, direction: 'from' | 'to'): string[] {
  const { protocol, from, to } = rule;
  const ports =
    from === null || from === -1 ? '' : from === to ? ` ${from}` : ` ${from}-${to ?? from}`;
  const what = protocol === '-1' || protocol === null ? 'all traffic' : `${protocol}${ports}`;
  const groups = rule.groups.flatMap(({ id }) => id ?? []);
  return [...rule.ranges, ...rule.ranges_v6, ...rule.lists, ...groups].map(
    (peer) => `${what} ${direction} ${peer}`,
  );
}

/** Edges to the groups that rules name, each once; a peered group belongs to its own account. */
function referenced(rules: readonly Rule[], type: string, account: string) {
  const owners = new Map<string, string>();
  for (const { id, account: owner } of rules.flatMap((rule) => rule.groups)) {
    if (id !== null) owners.set(id, owner ?? account);
  }
  return [...owners].map(([id, account_id]) => ({
    type,
    resource_type: 'ec2:security-group',
    id,
    account_id,
  }));
}
