import { OperationPatterns } from '../risk/operation-pattern.ts';

/**
 * Operations of EC2 that have no `DryRun`: all others have it.
 *
 * From the service models of AWS CLI 1.45. One that is missing here costs a call that the CLI refuses before it sends anything.
 */
const ec2Without = new OperationPatterns(
  [
    'allocate-hosts assign-ipv6-addresses assign-private-ip-addresses associate-iam-instance-profile associate-subnet-cidr-block associate-vpc-cidr-block',
    'cancel-export-task cancel-reserved-instances-listing create-instance-export-task create-reserved-instances-listing create-vpn-connection-route',
    'delete-vpn-connection-route describe-export-tasks describe-host-reservation-offerings describe-host-reservations describe-hosts',
    'describe-iam-instance-profile-associations describe-id-format describe-identity-id-format describe-mac-hosts describe-network-interface-permissions',
    'describe-public-ipv4-pools describe-reserved-instances-listings describe-reserved-instances-modifications describe-vpc-classic-link-dns-support',
    'disable-vpc-classic-link-dns-support disassociate-iam-instance-profile disassociate-subnet-cidr-block disassociate-vpc-cidr-block',
    'enable-vpc-classic-link-dns-support get-host-reservation-purchase-preview modify-hosts modify-id-format modify-identity-id-format modify-instance-placement',
    'modify-reserved-instances modify-spot-fleet-request modify-subnet-attribute modify-vpc-attribute purchase-host-reservation release-hosts',
    'replace-iam-instance-profile-association unassign-ipv6-addresses unassign-private-ip-addresses wait',
  ].flatMap((line) => line.split(' ').map((operation) => `ec2 ${operation}`)),
);

/** Operations of KMS that have `DryRun`. */
const kmsWith = new OperationPatterns(
  'create-grant decrypt derive-shared-secret encrypt generate-data-key* generate-mac re-encrypt retire-grant revoke-grant sign verify verify-mac'
    .split(' ')
    .map((operation) => `kms ${operation}`),
);

/** Whether AWS can be asked what an operation would do: with `--dry-run` it checks rights and parameters, and does nothing. */
export function hasDryRun(service: string, operation: string): boolean {
  if (service === 'ec2') return !ec2Without.has(service, operation);
  return kmsWith.has(service, operation);
}
