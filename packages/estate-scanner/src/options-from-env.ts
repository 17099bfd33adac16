import { ScanError } from './errors.ts';
import type { EstateScannerOptions } from './options.ts';

/** The variables of this package and what they set. */
const numbers = {
  CLOUDOPS_SCAN_ACCOUNTS_AT_ONCE: ['concurrency', 'accounts'],
  CLOUDOPS_SCAN_REGIONS_AT_ONCE: ['concurrency', 'regions'],
  CLOUDOPS_SCAN_SERVICES_AT_ONCE: ['concurrency', 'services'],
  CLOUDOPS_SCAN_RESOURCES_AT_ONCE: ['concurrency', 'resources'],
  CLOUDOPS_SCAN_RETRY_MAX_ATTEMPTS: ['retry', 'maxAttempts'],
  CLOUDOPS_SCAN_RETRY_INITIAL_DELAY_MS: ['retry', 'initialDelayMs'],
  CLOUDOPS_SCAN_RETRY_MAX_DELAY_MS: ['retry', 'maxDelayMs'],
} as const;

/**
 * Reads options of a scanner from the environment: the numbers above; `CLOUDOPS_SCAN_REGIONS`, `CLOUDOPS_SCAN_SERVICES` and
 * `CLOUDOPS_SCAN_PROFILES` (lists with commas) as what `scan()` goes through; `CLOUDOPS_SCAN_BATCH_SIZE`; and
 * `CLOUDOPS_IAM`, which is `off` or the URL of an IAM endpoint.
 *
 * @throws ScanError `INVALID_OPTIONS` where a number is none
 */
export function optionsFromEnv(
  env: Readonly<Record<string, string | undefined>>,
): Omit<EstateScannerOptions, 'engine'> {
  const groups: Record<'concurrency' | 'retry', Record<string, number>> = {
    concurrency: {},
    retry: {},
  };
  for (const [name, [group, option]] of Object.entries(numbers)) {
    const value = numberOf(env, name);
    if (value !== undefined) groups[group][option] = value;
  }
  const batchSize = numberOf(env, 'CLOUDOPS_SCAN_BATCH_SIZE');
  const regions = listOf(env['CLOUDOPS_SCAN_REGIONS']);
  const services = listOf(env['CLOUDOPS_SCAN_SERVICES']);
  const profiles = listOf(env['CLOUDOPS_SCAN_PROFILES']);
  const iam = env['CLOUDOPS_IAM'];
  return {
    ...groups,
    ...(batchSize !== undefined && { batchSize }),
    ...(iam !== undefined && iam !== '' && { iam: iam === 'off' ? false : { endpoint: iam } }),
    defaults: {
      ...(regions && { regions }),
      ...(services && { services }),
      ...(profiles && { accounts: profiles.map((profile) => ({ profile })) }),
    },
  };
}

function numberOf(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): number | undefined {
  const text = env[name];
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new ScanError('INVALID_OPTIONS', `${name} must be a number, and is "${text}".`);
}

function listOf(text: string | undefined): string[] | null {
  const items = (text ?? '').split(',').flatMap((item) => item.trim() || []);
  return items.length > 0 ? items : null;
}
