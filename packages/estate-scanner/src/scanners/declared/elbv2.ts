import { defineServiceScanner } from '../../service-scanner.ts';

/** Application, network and gateway load balancers. One list per region; tags are not in it. */
export const elbv2Scanner = defineServiceScanner({
  service: 'elbv2',
  requiredPermissions: ['elasticloadbalancing:DescribeLoadBalancers', 'tag:GetResources'],
  resources: [
    {
      type: 'elasticloadbalancing:loadbalancer',
      words: 'load balancer',
      actions: {
        onResource: [
          'elasticloadbalancing:ModifyLoadBalancerAttributes',
          'elasticloadbalancing:SetSecurityGroups',
          'elasticloadbalancing:DeleteLoadBalancer',
        ],
      },
      list: { call: 'elbv2 describe-load-balancers', items: 'LoadBalancers' },
      arn: 'LoadBalancerArn',
      name: 'LoadBalancerName',
      state: 'State.Code',
      created_at: 'CreatedTime',
      taggedAs: 'elasticloadbalancing:loadbalancer',
      attributes: {
        dns_name: 'DNSName',
        type: 'Type',
        scheme: 'Scheme',
        ip_address_type: 'IpAddressType',
      },
      relations: [
        { type: 'in_vpc', resource_type: 'ec2:vpc', id: 'VpcId' },
        { type: 'in_subnet', resource_type: 'ec2:subnet', id: 'AvailabilityZones[].SubnetId' },
        { type: 'uses_security_group', resource_type: 'ec2:security-group', id: 'SecurityGroups' },
        { type: 'has_address', target: 'DNSName' },
      ],
      search_words: ['Type', 'Scheme', "Scheme == 'internet-facing' && 'public'"],
    },
  ],
});
