import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDocument, damagedPlaybook, isAccepted } from './playbooks.ts';
import { anyStream, isExpected, outcomeOf } from './streams.ts';

/**
 * The properties of whatever a server sends: a reply that validates or a typed refusal, and nothing else.
 *
 * @param numRuns inputs of each kind
 */
export function describeReplies(numRuns: number): void {
  describe('whatever a server sends', () => {
    it('is a playbook that validates, or a typed refusal', () => {
      let accepted = 0;
      fc.assert(
        fc.property(damagedPlaybook, (document) => {
          if (isAccepted(document)) accepted += 1;
        }),
        { numRuns },
      );
      // A fuzzer that only ever makes rubbish would test the first check and no other.
      expect(accepted).toBeGreaterThan(numRuns / 20);
      expect(accepted).toBeLessThan(numRuns);
    });

    it('is refused with a type where it is nothing like a playbook', () => {
      fc.assert(
        fc.property(anyDocument, (document) => {
          expect(isAccepted(document)).toBe(false);
        }),
        { numRuns },
      );
    });

    it('as a stream is a reply, nothing yet, or a typed refusal', async () => {
      const seen = new Set<unknown>();
      await fc.assert(
        fc.asyncProperty(anyStream, async (pieces) => {
          const outcome = await outcomeOf(pieces);
          expect(isExpected(outcome)).toBe(true);
          seen.add(typeof outcome === 'object' && outcome !== null ? 'document' : outcome);
        }),
        { numRuns },
      );
      expect(seen).toContain('BAD_RESPONSE');
      expect(seen).toContain(null);
    });
  });
}
