import { describe, expect, it } from 'vitest';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import { defineServiceScanner, type ServiceScannerDefinition } from '../../src/service-scanner.ts';
import { collect } from '../support/collect.ts';
import { stubContext } from '../support/stub-context.ts';

const queues: ServiceScannerDefinition = {
  service: 'sqs',
  resourceTypes: ['sqs:queue'],
  async *scan() {},
};
const throws = (code: string) => expect.objectContaining({ name: 'ScanError', code });

describe('ServiceScannerRegistry', () => {
  it('has the five services, each type once', () => {
    const scanners = ServiceScannerRegistry.builtIn().list();
    expect(scanners.map(({ service }) => service)).toEqual(['ec2', 'rds', 's3', 'lambda', 'vpc']);
    const types = scanners.flatMap(({ resourceTypes }) => resourceTypes);
    expect(new Set(types).size).toBe(types.length);
  });

  it('asks IAM something about every type and describes it in words', () => {
    for (const scanner of ServiceScannerRegistry.builtIn().list()) {
      expect(Object.keys(scanner.actions).sort()).toEqual([...scanner.resourceTypes].sort());
      expect(Object.keys(scanner.words).sort()).toEqual([...scanner.resourceTypes].sort());
      expect(scanner.requiredPermissions).not.toEqual([]);
    }
  });

  it('takes another scanner, and finds it by service and type', () => {
    const registry = ServiceScannerRegistry.builtIn().register(defineServiceScanner(queues));
    expect(registry.get('sqs').resourceTypes).toEqual(['sqs:queue']);
    expect(registry.forType('sqs:queue')?.service).toBe('sqs');
  });

  it('does not share what was registered with other registries', () => {
    ServiceScannerRegistry.builtIn().register(defineServiceScanner(queues));
    expect(() => ServiceScannerRegistry.builtIn().get('sqs')).toThrow(throws('UNKNOWN_SERVICE'));
  });

  it('refuses a service twice', () => {
    const registry = new ServiceScannerRegistry().register(defineServiceScanner(queues));
    expect(() => registry.register(defineServiceScanner(queues))).toThrow(
      throws('DUPLICATE_SERVICE'),
    );
  });
});

describe('defineServiceScanner', () => {
  it.each(['states:stateMachine', 'glue:userDefinedFunction'])(
    'takes a type as ARNs have it: %s',
    (type) => {
      const scanner = defineServiceScanner({ ...queues, resourceTypes: [type] });
      expect(scanner.resourceTypes).toEqual([type]);
    },
  );

  it('fills in what may be left out', () => {
    expect(defineServiceScanner(queues)).toMatchObject({
      scope: 'regional',
      requiredPermissions: [],
      actions: {},
      words: {},
    });
  });

  it.each([
    [{ service: 'S Q S' }, 'service must be'],
    [{ resourceTypes: [] }, 'at least one type'],
    [{ resourceTypes: ['queue'] }, 'service:type'],
    [{ actions: { 'sqs:other': {} } }, '"sqs:other"'],
    [{ resourceTypes: ['sqs:queue', 'sqs:queue'] }, '"sqs:queue" is there twice'],
    [{ scope: 'Global' }, 'scope must be "regional" or "global", not "Global"'],
    [{ requiredPermissions: 'sqs:ListQueues' }, 'lists of IAM actions'],
    [{ requiredPermissions: ['sqs list-queues'] }, '"sqs list-queues" is no IAM action'],
    [{ requiredPermissions: ['sqs:*'] }, '"sqs:*" is no IAM action'],
    [{ actions: { 'sqs:queue': { onResource: ['Send'] } } }, '"Send" is no IAM action'],
    [{ scan: undefined }, 'scan must be a function'],
  ])('refuses %j', (change, message) => {
    const definition: ServiceScannerDefinition = Object({ ...queues, ...change });
    expect(() => defineServiceScanner(definition)).toThrow(message);
    expect(() => defineServiceScanner(definition)).toThrow(throws('INVALID_SCANNER'));
  });

  it.each([null, undefined, 'sqs'])('refuses %j', (value) => {
    expect(() => defineServiceScanner(JSON.parse(JSON.stringify(value ?? null)))).toThrow(
      throws('INVALID_SCANNER'),
    );
  });

  it('keeps `this` of a scanner that is a class', async () => {
    class Scanner {
      readonly service = 'sqs';
      readonly resourceTypes = ['sqs:queue'];
      readonly id = 'q';
      async *scan() {
        yield { resource_type: 'sqs:queue', id: this.id };
      }
    }
    const scanner = defineServiceScanner(new Scanner());
    const found = await collect(scanner.scan(stubContext().context));
    expect(found).toEqual([{ resource_type: 'sqs:queue', id: 'q' }]);
  });
});
