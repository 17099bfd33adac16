import { defineServiceScanner } from '../../service-scanner.ts';

/** Route 53 hosted zones, once per account. */
export const route53Scanner = defineServiceScanner({
  service: 'route53',
  scope: 'global',
  requiredPermissions: ['route53:ListHostedZones'],
  resources: [
    {
      type: 'route53:hostedzone',
      words: 'Route 53 hosted zone, DNS domain',
      actions: {
        onResource: [
          'route53:ChangeResourceRecordSets',
          'route53:ListResourceRecordSets',
          'route53:DeleteHostedZone',
        ],
      },
      list: { call: 'route53 list-hosted-zones', items: 'HostedZones' },
      arnFormat: 'arn:{partition}:route53:::hostedzone/{id}',
      id: 'Id',
      idPrefix: '/hostedzone/',
      name: 'Name',
      attributes: {
        is_private: 'Config.PrivateZone',
        comment: 'Config.Comment',
        records: 'ResourceRecordSetCount',
      },
      search_words: ['Config.Comment'],
    },
  ],
});
