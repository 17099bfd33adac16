import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secrets } from '../../../src/masking/secrets.ts';

function masked(text: string, ...values: string[]): string {
  return new Secrets(true).masker(values).maskText(text);
}

describe('a secret', () => {
  const secret = 'pä"ss/w+rd & mörE\\';

  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ password: secret })],
    ['URL-encoded', `https://x/?p=${encodeURIComponent(secret)}`],
    ['in a form', new URLSearchParams({ p: secret }).toString()],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 after one byte', Buffer.from(`u${secret}`).toString('base64')],
    ['in base64 between others', Buffer.from(`us${secret}xyz`).toString('base64')],
    ['in base64url', Buffer.from(`user:${secret}`).toString('base64url')],
  ])('is masked %s', (_name, text) => {
    expect(masked(text, secret)).toContain('***');
    expect(masked(text, secret)).not.toContain(secret);
  });

  it('is masked wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 4 }),
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (value, before, after) => {
          fc.pre(!'***'.includes(value) && !value.includes('*'));
          expect(masked(`${before}${value}${after}`, value)).not.toContain(value);
        },
      ),
    );
  });

  it('shorter than 4 characters is left alone', () => {
    expect(masked('abcabc', 'abc')).toBe('abcabc');
  });

  it('of several lines is masked line by line', () => {
    expect(masked('a: first-line\nb: second-line', 'first-line\nsecond-line')).toBe(
      'a: ***\nb: ***',
    );
  });

  it('registered while running is masked from then on', () => {
    const secrets = new Secrets(false);
    const masker = secrets.masker([]);
    expect(masker.maskText('token-123')).toBe('token-123');
    secrets.register('token-123');
    expect(masker.maskText('token-123')).toBe('***');
  });
});

describe('what looks like an AWS key', () => {
  it('is masked', () => {
    const text = masked(
      '{"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "SessionToken": "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJH"}',
    );
    expect(text).toBe('{"AccessKeyId": "***", "SecretAccessKey": "***", "SessionToken": "***"}');
    expect(masked('export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toBe(
      'export AWS_SECRET_ACCESS_KEY=***',
    );
  });

  it('leaves bytes that are no UTF-8 as they were', () => {
    const bytes = Buffer.from([0xff, 0xfe, ...Buffer.from(' AKIAIOSFODNN7EXAMPLE '), 0x80]);
    expect(new Secrets(true).masker([]).mask(bytes)).toEqual(
      Buffer.from([0xff, 0xfe, ...Buffer.from(' *** '), 0x80]),
    );
  });
});
