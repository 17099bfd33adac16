import type { AwsCli } from './cli.ts';

/**
 * The names that the owner gave the account: none or one, says AWS, in a list.
 *
 * @param region decides the partition; undefined leaves it to the CLI's configuration
 * @throws AwsCallError where IAM does not tell
 */
export async function accountAliases(
  cli: Pick<AwsCli, 'call'>,
  region: string | undefined,
): Promise<string[]> {
  const output = await cli.call({
    service: 'iam',
    operation: 'list-account-aliases',
    query: 'AccountAliases',
    isAnswer: Array.isArray,
    ...(region !== undefined && { region }),
  });
  if (!Array.isArray(output)) return [];
  return output.filter((alias) => typeof alias === 'string').sort();
}
