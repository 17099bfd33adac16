import { z } from 'zod';
import type { AwsCredentials, CredentialProvider } from './aws/credentials.ts';

const AccountId = z.string().regex(/^\d{12}$/u, 'an account id has twelve digits');
const RoleArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/u,
    'a role reads arn:aws:iam::123456789012:role/NAME',
  );

/** How a role is assumed; limits of https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const assuming = {
  external_id: z.string().min(2).max(1224).optional(),
  session_name: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/u, 'a session name is 2 to 64 of letters, digits and +=,.@-_')
    .optional(),
  duration_seconds: z.int().min(900).max(43_200).optional(),
};

/** An account by what finds its credentials, without any credentials: safe to write down. */
export const AccountReference = z.strictObject({
  profile: z.string().min(1).optional(),
  account_id: AccountId.optional(),
  role_arn: RoleArn.optional(),
  ...assuming,
});
export type AccountReference = z.infer<typeof AccountReference>;

const credentials = z
  .custom<AwsCredentials | CredentialProvider>(
    isCredentials,
    'credentials are { accessKeyId, secretAccessKey, sessionToken? }, or a function that gives them',
  )
  .optional();

export const AccountSchema = AccountReference.extend({ credentials })
  .refine(
    ({ profile, credentials }) => profile === undefined || credentials === undefined,
    'name either a profile or credentials',
  )
  .refine(
    ({ role_arn, external_id, session_name, duration_seconds }) =>
      role_arn !== undefined ||
      (external_id === undefined && session_name === undefined && duration_seconds === undefined),
    'external_id, session_name and duration_seconds belong to a role_arn',
  );

/**
 * One account to scan, by its credentials: a `profile` of the AWS configuration, `credentials` of your own, or the default ones. With
 * `role_arn` these assume that role, and what it gives is used. With `account_id` the credentials must belong to that account, or it is
 * not scanned; a role's own account is always checked.
 */
export interface Account extends AccountReference {
  /** Keys, or a function that gives them and is asked again before they end. */
  credentials?: AwsCredentials | CredentialProvider | undefined;
}

export const OrganizationSchema = z
  .strictObject({
    role_name: z.string().regex(/^[\w+=,.@/-]{1,512}$/u, 'a role has a name, with its path'),
    profile: z.string().min(1).optional(),
    credentials,
    include: z.array(AccountId).min(1).optional(),
    exclude: z.array(AccountId).optional(),
    ...assuming,
  })
  .refine(
    ({ profile, credentials }) => profile === undefined || credentials === undefined,
    'name either a profile or credentials',
  );

/**
 * The accounts of an AWS organization, each entered through the role of this name (`OrganizationAccountAccessRole`). The account
 * whose credentials list them is scanned with those.
 */
export interface Organization {
  role_name: string;
  /** Whose credentials list the accounts and assume the roles. Default: the default ones. */
  profile?: string | undefined;
  credentials?: AwsCredentials | CredentialProvider | undefined;
  /** Only these accounts. Default: all active ones. */
  include?: string[] | undefined;
  exclude?: string[] | undefined;
  external_id?: string | undefined;
  session_name?: string | undefined;
  duration_seconds?: number | undefined;
}

/** The part of an account that may be written down. */
export function referenceOf({ credentials: _secret, ...reference }: Account): AccountReference {
  return reference;
}

/** The account that the credentials must belong to; undefined where nobody said. */
export function expectedAccountId({ account_id, role_arn }: Account): string | undefined {
  return account_id ?? role_arn?.split(':')[4];
}

/** Whose credentials they are, at the beginning of a sentence. */
export function describeAccount({ profile, role_arn, credentials }: Account): string {
  if (role_arn !== undefined) return `Role ${role_arn} belongs`;
  if (profile !== undefined) return `Profile "${profile}" belongs`;
  return credentials === undefined
    ? 'The default credentials belong'
    : 'The given credentials belong';
}

function isCredentials(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    'accessKeyId' in value &&
    typeof value.accessKeyId === 'string' &&
    'secretAccessKey' in value &&
    typeof value.secretAccessKey === 'string'
  );
}
