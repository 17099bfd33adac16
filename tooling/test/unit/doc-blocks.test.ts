import { expect, test } from 'vitest';
import { docBlocksOf, outputMatches } from '../../doc-blocks.ts';

const fence = '```';

test('blocks carry their language, line and code', () => {
  const markdown = `# T\n\n${fence}ts\nconst a = 1;\n${fence}\n\n${fence}sh\nnpm install x\n${fence}\n`;
  expect(docBlocksOf('T.md', markdown)).toEqual([
    { file: 'T.md', line: 3, language: 'ts', code: 'const a = 1;' },
    { file: 'T.md', line: 7, language: 'sh', code: 'npm install x' },
  ]);
});

test('a text block right after a ts block is its output, one with prose between is not', () => {
  const adjacent = `${fence}ts\nx\n${fence}\n\n${fence}text\nout\n${fence}\n`;
  expect(docBlocksOf('T.md', adjacent)).toMatchObject([{ language: 'ts', output: 'out' }]);
  const apart = `${fence}ts\nx\n${fence}\n\nprose\n\n${fence}text\nout\n${fence}\n`;
  expect(docBlocksOf('T.md', apart)).toHaveLength(2);
});

test('an open fence is an error that names its line', () => {
  expect(() => docBlocksOf('T.md', `a\n${fence}ts\nx`)).toThrow('T.md:2');
});

test('an ellipsis stands for any part of one line', () => {
  expect(outputMatches('took … ms\ndone', 'took 12 ms\ndone\n')).toBe(true);
  expect(outputMatches('took … ms', 'took 12 s')).toBe(false);
  expect(outputMatches('a', 'a\nb')).toBe(false);
});
