import { z } from 'zod';
import type { AwsCli } from './cli.ts';
import { listItems } from './pages.ts';

const Member = z.object({ id: z.string(), state: z.string() });

/** An account of an organization; only active ones can be entered. */
export interface OrganizationMember {
  account_id: string;
  isActive: boolean;
}

/** Accounts of one page (https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html). */
const PAGE = 20;

/**
 * The accounts of the organization that the caller manages, all pages.
 *
 * @throws AwsCallError: `denied` where the caller is neither its management account nor a delegated administrator
 */
export async function listOrganization(
  cli: Pick<AwsCli, 'call'>,
  region: string | undefined,
  itemsPerCall: number,
  signal: AbortSignal,
): Promise<OrganizationMember[]> {
  const members: OrganizationMember[] = [];
  const list = listItems(
    cli,
    {
      service: 'organizations',
      operation: 'list-accounts',
      // `State` takes the place of `Status`, which goes away in 2026.
      query: 'Accounts[].{id: Id, state: State || Status}',
      pageSize: PAGE,
      ...(region !== undefined && { region }),
    },
    itemsPerCall,
    signal,
  );
  for await (const item of list) {
    const { id, state } = Member.parse(item);
    members.push({ account_id: id, isActive: state === 'ACTIVE' });
  }
  return members.sort((a, b) => (a.account_id < b.account_id ? -1 : 1));
}
