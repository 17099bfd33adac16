/** Access keys, as AWS hands them out. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** When they end; absent where they do not, or nobody knows. */
  expiration?: Date;
}

/** Gives credentials; asked again before the last ones end. */
export type CredentialProvider = () => Promise<AwsCredentials>;

/** The variables that hold credentials; the engine masks their values in everything it puts out. */
export const CREDENTIAL_VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
] as const;

/**
 * The environment of one CLI process with these credentials. The token is set also where there is none, and under its old name, which
 * the CLI looks at first: a token of the host's own session would be sent along otherwise.
 */
export function credentialEnvironment(credentials: AwsCredentials): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = credentials;
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_SECURITY_TOKEN: sessionToken,
  };
}
