import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../src/protocol.ts';

describe('the OpenAPI document', () => {
  it('is one of version 3.1, to a validator of OpenAPI', async () => {
    const checked = await new Validator().validate(structuredClone(openApiDocument()));
    expect(checked.errors).toBeUndefined();
    expect(checked.valid).toBe(true);
  });

  it('names every schema that it refers to', () => {
    const text = JSON.stringify(openApiDocument());
    const names = Object.keys(Object(Object(openApiDocument()['components']).schemas));
    const used = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]*)"/g)];
    expect(new Set(names)).toEqual(new Set([...names, ...used.map(([, name]) => name)]));
    expect(used.length).toBeGreaterThan(10);
    expect(text).not.toContain('#/$defs');
  });
});
