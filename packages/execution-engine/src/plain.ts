import { invalid, pathText } from './validation.ts';
import type { InputCode } from './validation.ts';

/** Deeper data is a mistake, and V8's own JSON would run out of stack some thousands below. */
const DEEPEST = 100;

/**
 * A copy of JSON-like data, for a schema to check. Every field of the original is read once, here: what comes from
 * outside may have getters, be a proxy, hold itself, or be changed by its owner later. Undefined stays, as an absent
 * field.
 *
 * @param mostValues so many values it may have, every field and element counted
 * @throws ExecutionError with `code` and the path of what is no JSON, cannot be read, holds itself or is nested deeper
 * than 100; of text that is no Unicode (half a surrogate pair would reach a process as something else), and of a field
 * called `__proto__`
 */
export function plainCopy(input: unknown, code: InputCode, mostValues: number): unknown {
  return new Copier(code, mostValues).copy(input);
}

class Copier {
  readonly #code: InputCode;
  readonly #path: (string | number)[] = [];
  readonly #around = new Set<object>();
  readonly #mostValues: number;
  #values = 0;

  constructor(code: InputCode, mostValues: number) {
    this.#code = code;
    this.#mostValues = mostValues;
  }

  copy(value: unknown): unknown {
    this.#values += 1;
    if (this.#values > this.#mostValues) this.#refuse(`more than ${this.#mostValues} values`);
    if (typeof value !== 'object' || value === null) return this.#scalar(value);
    const isList = this.#read(() => Array.isArray(value));
    // Neither dates nor maps nor bytes: those have no fields to copy, or millions.
    const kind = this.#read(() => Object.prototype.toString.call(value));
    if (!isList && kind !== '[object Object]') this.#refuse(`expected JSON, received ${kind}`);
    if (this.#around.has(value)) this.#refuse('holds itself');
    if (this.#around.size === DEEPEST) this.#refuse(`nested deeper than ${DEEPEST}`);
    this.#around.add(value);
    const copied = isList ? this.#list(value) : this.#fields(value);
    this.#around.delete(value);
    return copied;
  }

  #scalar(value: unknown): unknown {
    if (typeof value === 'string') this.#requireUnicode(value);
    else if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#refuse(`expected JSON, received ${value}`);
    } else if (['bigint', 'symbol', 'function'].includes(typeof value)) {
      this.#refuse(`expected JSON, received a ${typeof value}`);
    }
    return value;
  }

  #list(list: object): unknown[] {
    const length = Number(this.#read(() => Reflect.get(list, 'length')));
    // Before the copy: an array may say that it is four thousand million long, and hold nothing.
    if (length > this.#mostValues) this.#refuse(`more than ${this.#mostValues} values`);
    return Array.from({ length }, (_, at) => this.#field(list, at));
  }

  #fields(object: object): Record<string, unknown> {
    const copied: Record<string, unknown> = {};
    for (const name of this.#read(() => Object.keys(object))) {
      this.#requireUnicode(name);
      if (name === '__proto__') this.#refuse('must not have a field called __proto__');
      copied[name] = this.#field(object, name);
    }
    return copied;
  }

  #field(owner: object, name: string | number): unknown {
    this.#path.push(name);
    const copied = this.copy(this.#read(() => Reflect.get(owner, name)));
    this.#path.pop();
    return copied;
  }

  #read<Value>(read: () => Value): Value {
    try {
      return read();
    } catch {
      // Not what was thrown: it may be anything, and throw again when it is looked at.
      return this.#refuse('cannot be read');
    }
  }

  #requireUnicode(text: string): void {
    if (!text.isWellFormed()) this.#refuse('must be Unicode: it has half of a surrogate pair');
  }

  #refuse(message: string): never {
    throw invalid(this.#code, [{ path: pathText(this.#path), message }]);
  }
}
