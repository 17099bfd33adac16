import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Playbook } from './playbook.ts';
import type { PlaybookRequest } from './request.ts';

/**
 * The canonical form of a JSON document (RFC 8785), over which digests and signatures are made.
 *
 * @throws TypeError for what JSON cannot hold
 */
export function canonicalJson(document: unknown): string {
  const text = canonicalize(document);
  if (text === undefined) throw new TypeError('not a JSON document');
  return text;
}

/** `sha256:` and the hexadecimal SHA-256 of a document's canonical form. */
export function documentDigest(document: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(document), 'utf8').digest('hex')}`;
}

/** What a playbook's `context_digest` has to be: the digest of the whole request as it was received. */
export function contextDigest(request: PlaybookRequest): string {
  return documentDigest(request);
}

/** The digest that names a playbook in approvals and repairs: of everything but its signature. */
export function playbookDigest(playbook: Playbook): string {
  const { signature: _signature, ...signed } = playbook;
  return documentDigest(signed);
}
