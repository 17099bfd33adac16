import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Capture } from '../../../src/output/capture.ts';

it('keeps everything up to the bound, and head and tail beyond it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary-ascii' })),
      fc.integer({ min: 0, max: 100 }),
      (chunks, limit) => {
        const capture = new Capture(limit);
        for (const chunk of chunks) capture.push(Buffer.from(chunk));
        const all = chunks.join('');
        const { text, truncated } = capture.finish();
        expect(truncated).toBe(all.length > limit);
        const head = Math.ceil(limit / 2);
        const parts = [all.slice(0, head), all.slice(all.length - (limit - head))];
        const marked = parts.join(`\n… ${all.length - limit} bytes left out …\n`);
        expect(text).toBe(truncated ? marked : all);
      },
    ),
  );
});
