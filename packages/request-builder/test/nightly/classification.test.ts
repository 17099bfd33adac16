import { type CliOperation, cliOperations } from 'cloudops-fake-aws';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Classification } from '../../src/risk/classes.ts';
import { classifyCommand } from '../../src/risk/classify.ts';

interface Classified extends CliOperation, Classification {}

const classified: Classified[] = [];

beforeAll(async () => {
  for (const operation of await cliOperations()) {
    const { service, operation: name } = operation;
    const command = { type: 'aws_cli', service, operation: name } as const;
    classified.push({ ...operation, ...(await classifyCommand(command)) });
  }
});

const nameOf = ({ service, operation }: CliOperation) => `${service} ${operation}`;

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
