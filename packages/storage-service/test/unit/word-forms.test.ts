import { expect, it } from 'vitest';
import { formsOf } from '../../src/word-forms.ts';

it.each([
  ['policies', 'policy'],
  ['boxes', 'box'],
  ['queues', 'queue'],
  ['instance', 'instances'],
  ['access', 'accesses'],
  ['prd', 'production'],
  ['boxes', 'server'],
  ['machines', 'instance'],
  ['halted', 'stopped'],
  ['4', '04'],
  ['007', '7'],
])('looks for %s as %s, too', (word, form) => {
  expect(formsOf(word)).toContain(form);
  expect(formsOf(word)[0]).toBe(word);
});

it('leaves ids, long numbers and other alphabets as they are', () => {
  for (const word of ['0abc12', '123456789012', 'größe', 'λ', 'constructor']) {
    expect(formsOf(word)[0]).toBe(word);
  }
  expect(formsOf('0abc12')).toEqual(['0abc12']);
  expect(formsOf('123456789012')).toEqual(['123456789012']);
});
