import { open } from 'node:fs/promises';
import { AuditChain, type ChainFault } from './chain.ts';

/** What `verifyAudit` found. */
export interface AuditVerification {
  ok: boolean;
  /** The first line that is wrong, null where none is. */
  fault: ChainFault | null;
  /** Entries of the chain up to there. */
  entries: number;
  /** Entries that came at the same moment as another and were written again. */
  superseded: number;
  /** Lines that a crash left unfinished. */
  torn: number;
  /** Hash of the last entry. Kept elsewhere, it shows later whether the end was cut off. */
  head: string;
}

/**
 * Follows the hash chain of an audit log, line by line.
 *
 * @throws what reading the file throws, such as ENOENT
 */
export async function verifyAudit(path: string): Promise<AuditVerification> {
  const chain = new AuditChain();
  await using file = await open(path);
  for await (const line of file.readLines({ encoding: 'utf8', autoClose: false })) chain.add(line);
  const { fault, entries, superseded, torn, head } = chain;
  return { ok: fault === null, fault, entries, superseded, torn, head };
}
