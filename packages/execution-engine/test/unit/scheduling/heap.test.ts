import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap } from '../../../src/scheduling/heap.ts';

it('gives its entries in order, whatever was taken out of it in between', () => {
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: -20, max: 20 }) }),
    fc.record({ removeAt: fc.nat() }),
    fc.constant('pop' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<{ place: number; value: number; order: number }>((a, b) =>
        a.value === b.value ? a.order < b.order : a.value < b.value,
      );
      let model: { place: number; value: number; order: number }[] = [];
      const taken: unknown[][] = [];
      const inOrder = () => model.toSorted((a, b) => a.value - b.value || a.order - b.order);
      for (const [order, one] of steps.entries()) {
        if (one === 'pop') {
          taken.push([heap.pop(), inOrder()[0]]);
          model = model.filter((entry) => entry !== taken.at(-1)?.[1]);
        } else if ('add' in one) {
          const entry = { place: -1, value: one.add, order };
          heap.push(entry);
          model.push(entry);
        } else {
          const entry = model[one.removeAt % Math.max(1, model.length)];
          if (entry === undefined) continue;
          heap.remove(entry);
          heap.remove(entry);
          model = model.filter((other) => other !== entry);
        }
        expect(heap.size).toBe(model.length);
      }
      expect(taken.every(([got, wanted]) => got === wanted)).toBe(true);
      const rest = inOrder();
      expect(rest.map(() => heap.pop())).toEqual(rest);
      expect(heap.pop()).toBeUndefined();
    }),
  );
});
