const ALSO_PASSED = new Set([
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
]);

/** How the AWS CLI is to be run, from the variables of this process. */
export interface AwsEnvironment {
  /** `AWS_…` variables and those of proxies, with the profile set where one was chosen. */
  env: Record<string, string>;
  /** `AWS_ENDPOINT_URL`: passed as an option, since the CLI's version 1 ignores the variable in places. */
  endpointUrl: string | null;
}

/**
 * Gathers what the AWS CLI needs. The steps of a playbook inherit nothing from this process; this is all they get.
 *
 * @param profile chosen on the command line; wins over `AWS_PROFILE` and over keys in the environment
 */
export function awsEnvironment(
  env: NodeJS.ProcessEnv,
  profile: string | undefined,
): AwsEnvironment {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (name.startsWith('AWS_') || ALSO_PASSED.has(name)) passed[name] = value;
  }
  if (profile !== undefined) {
    passed['AWS_PROFILE'] = profile;
    // The CLI would prefer them to the profile.
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
      delete passed[name];
    }
  }
  const endpoint = env['AWS_ENDPOINT_URL'];
  return { env: passed, endpointUrl: endpoint === undefined || endpoint === '' ? null : endpoint };
}
