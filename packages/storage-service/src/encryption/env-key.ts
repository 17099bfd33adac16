import { decodeKey, type KeySource } from './key-source.ts';

/**
 * A key in an environment variable: 32 bytes in base64 or hex (`openssl rand -base64 32`). For machines without a keychain.
 *
 * @param environment where to look; `process.env` by default
 */
export function envKey(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): KeySource {
  return {
    kind: 'env',
    hint: `set ${name} to 32 random bytes in base64 (openssl rand -base64 32)`,
    load: async () => {
      const text = environment[name];
      return text === undefined || text === '' ? null : decodeKey(text, name);
    },
  };
}
