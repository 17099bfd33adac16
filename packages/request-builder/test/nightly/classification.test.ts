import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureAwsTools } from 'cloudops-fake-aws';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Classification } from '../../src/risk/classes.ts';
import { classify, defaultPrograms } from '../../src/risk/classify.ts';
import { OperationPatterns } from '../../src/risk/operation-pattern.ts';

const Operation = z.object({
  service: z.string(),
  operation: z.string(),
  method: z.string(),
  readonly: z.boolean(),
});
type Operation = z.infer<typeof Operation>;

interface Classified extends Operation, Classification {}

let classified: Classified[] = [];

beforeAll(async () => {
  const { python } = await ensureAwsTools();
  const script = fileURLToPath(new URL('./operations.py', import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script], { maxBuffer: 64 * 1024 * 1024 });
  const options = { programs: defaultPrograms, allowedRemoteCode: new OperationPatterns([]) };
  for (const line of stdout.trim().split('\n')) {
    const operation = Operation.parse(JSON.parse(line));
    const command = { type: 'aws_cli', ...operation } as const;
    classified.push(Object.assign(operation, await classify(command, options)));
  }
});

const nameOf = ({ service, operation }: Operation) => `${service} ${operation}`;

describe('every operation that the installed AWS CLI knows', () => {
  it('has a class', () => {
    expect(classified.length).toBeGreaterThan(10_000);
    expect(classified.every(({ reasons }) => reasons.length > 0)).toBe(true);
  });

  it('is not read_only where its HTTP method is PUT, PATCH or DELETE', () => {
    const writes = classified.filter(
      ({ method, readonly }) => /PUT|PATCH|DELETE/.test(method) && !readonly,
    );
    expect(writes.length).toBeGreaterThan(2000);
    expect(writes.filter(({ risk }) => risk === 'read_only').map(nameOf)).toEqual([]);
  });

  it('is read_only or sensitive_read in 98 of 100 cases where its model says that it only reads', () => {
    const reads = classified.filter(({ readonly }) => readonly);
    const over = reads
      .filter(({ risk }) => risk === 'mutating' || risk === 'destructive')
      .map(nameOf);
    expect(reads.length).toBeGreaterThan(1000);
    expect(over.length / reads.length, over.join('\n')).toBeLessThan(0.02);
  });

  it('begins with a reading verb where it is read_only and its IAM action is the only reason', () => {
    const begins =
      /^(?:delete|terminate|remove|put|create|update|modify|start|stop|attach|detach|revoke|send|run|disable|enable|set|reset|cancel|reboot)-/;
    const odd = classified.filter(
      ({ risk, operation }) => risk === 'read_only' && begins.test(operation),
    );
    expect(odd.map(nameOf)).toEqual([]);
  });

  it('is known in 98 of 100 cases', () => {
    const unknown = classified.filter(({ reasons }) =>
      reasons.some((reason) => reason.startsWith('no IAM action')),
    );
    expect(unknown.length / classified.length).toBeLessThan(0.02);
  });
});
