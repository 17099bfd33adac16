import { expect, it } from 'vitest';
import { EstateScanner, ScanError, ServiceScannerRegistry } from '../../src/index.ts';
import { defineServiceScanner, type ServiceScannerDefinition } from '../../src/plugin.ts';
import { queueCli } from '../support/queue-cli.ts';

const scannerOf = (...definitions: Pick<ServiceScannerDefinition, 'service' | 'scan'>[]) => {
  const registry = new ServiceScannerRegistry();
  for (const definition of definitions) {
    registry.register(defineServiceScanner({ resourceTypes: ['sqs:queue'], ...definition }));
  }
  return new EstateScanner({ engine: queueCli(), registry, iam: false });
};

it('can be stopped while a scanner yields without end and without a pause', async () => {
  const scanner = scannerOf({
    service: 'endless',
    async *scan() {
      for (let index = 0; ; index += 1) yield { resource_type: 'sqs:queue', id: `q${index}` };
    },
  });
  const scanning = scanner.scan({ regions: ['eu-west-1'], signal: AbortSignal.timeout(100) });
  await expect(scanning).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }));
});

it('keeps a fault of one scanner to its scope, also one in our own words', async () => {
  const scanner = scannerOf(
    {
      service: 'faulty',
      async *scan() {
        yield { resource_type: 'sqs:queue', id: 'refunds' };
        throw new ScanError('INVALID_SCANNER', 'queues without names');
      },
    },
    {
      service: 'sound',
      async *scan() {
        yield { resource_type: 'sqs:queue', id: 'orders' };
      },
    },
  );
  const { scopes, errors } = await scanner.scan({ regions: ['eu-west-1'] });
  expect(scopes.map(({ service, status }) => `${service} ${status}`).sort()).toEqual([
    'faulty partial',
    'sound complete',
  ]);
  expect(errors.map(({ message }) => message)).toEqual(['queues without names']);
});
