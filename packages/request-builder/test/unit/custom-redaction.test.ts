import { describe, expect, it } from 'vitest';
import type { CustomRedaction } from '../../src/context/custom-redaction.ts';
import { redactText, type RedactionCounts } from '../../src/context/redact.ts';

function masked(text: string, pattern: RegExp) {
  const counts: RedactionCounts = {};
  const redaction: CustomRedaction = { kind: 'staff', pattern };
  return { text: redactText(text, counts, [redaction]), counts };
}

describe('a pattern of the host’s', () => {
  it.each([
    ['a short text', 'ask EMP-123456 or EMP-654321'],
    ['a long one', `${'x '.repeat(500)}ask EMP-123456 or EMP-654321`],
    ['a tiny one', 'E1 EMP-123456 EMP-654321'],
  ])('is masked and counted in %s', (_what, text) => {
    const result = masked(text, /EMP-\d{6}/g);
    expect(result.text).toBe(text.replaceAll(/EMP-\d+/g, '[redacted:staff]'));
    expect(result.counts).toEqual({ staff: 2 });
  });

  it.each([
    ['with lookarounds', /(?<=id )\w+(?= end)/g, 'id abc end', 'id [redacted:staff] end'],
    ['with groups', /(?:ab|cd)+!/g, 'xx abcdab! yy', 'xx [redacted:staff] yy'],
    ['with a reference', /(["'])x\1/g, `a "x" 'x"`, `a [redacted:staff] 'x"`],
    ['with the flag i', /emp\d/gi, 'EMP1 x emp2', '[redacted:staff] x [redacted:staff]'],
  ])('may be one %s', (_what, pattern, text, expected) => {
    expect(masked(text, pattern).text).toBe(expected);
  });

  it.each([
    ['nested repetition', /(a+)+$/g, `${'a'.repeat(40)}!`],
    ['alternatives that overlap', /(?:a|a)*$/g, `${'a'.repeat(40)}!`],
    ['bounded nesting', /(?:a{0,30}){0,30}b/g, 'a'.repeat(200)],
    ['two repetitions on a long text', /a+b+c/g, 'a'.repeat(300_000)],
  ])('that never ends on %s masks the whole text instead', (_what, pattern, text) => {
    const result = masked(text, pattern);
    expect(result).toEqual({ text: '[redacted:staff]', counts: { staff: 1 } });
    // And does no harm to the next.
    expect(masked('nothing here', pattern).text).toBe('nothing here');
  });
});
