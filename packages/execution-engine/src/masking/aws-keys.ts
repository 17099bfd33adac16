/** Access key ids: IAM User Guide, "Unique identifiers", prefixes AKIA and ASIA, 20 characters in all. */
const ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/gu;

/**
 * Secret keys and session tokens have no shape of their own: they are found by the name in front of them, in JSON,
 * environment files, shell exports and text output.
 */
const NAMED_SECRET =
  /((?:secret_?access_?key|session_?token|security_?token)\\?["']?\s*[:=]\s*\\?["']?)([A-Za-z0-9+/=_%-]{16,})/giu;

/** The text with everything that looks like an AWS key replaced; the same string where nothing does. */
export function maskAwsKeys(text: string, mask: string): string {
  return text
    .replaceAll(ACCESS_KEY_ID, mask)
    .replaceAll(NAMED_SECRET, (_all, name: string) => `${name}${mask}`);
}

/** Cheap look whether {@link maskAwsKeys} could find anything. */
export function mayHoldAwsKeys(bytes: Buffer): boolean {
  return (
    bytes.includes('AKIA') ||
    bytes.includes('ASIA') ||
    bytes.includes('ecret') ||
    bytes.includes('oken') ||
    bytes.includes('SECRET') ||
    bytes.includes('TOKEN')
  );
}
