import { ExecutionEngine } from 'cloudops-execution-engine';
import { noEncryption, StorageService, type EstateRecordInput } from 'cloudops-storage-service';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlaybookRequest } from '../../src/protocol.ts';
import type { RequestBuilderOptions } from '../../src/index.ts';
import { ACCOUNT, builderWith, instanceRecord, printStep, REGION } from './world.ts';

const engine = new ExecutionEngine();
let storage: StorageService;
beforeAll(async () => {
  storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
});
afterAll(async () => {
  await engine.close();
  await storage.close();
});

const arnOf = (type: string, id: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:${type}/${id}`;
const keyOf = (type: string, id: string) => `${ACCOUNT}-${REGION}-ec2:${type}/${id}`;

/** Something of the network that no word of the messages finds. */
function networkRecord(type: string, id: string): EstateRecordInput {
  return instanceRecord(id, {
    key: keyOf(type, id),
    resource_type: `ec2:${type}`,
    resource_id: `ec2:${type}/${id}`,
    arn: arnOf(type, id),
    name: `zzz-${id}`,
    tags: {},
    text: `zzz ${id}`,
  });
}

const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

async function build(
  message: string,
  options: Partial<RequestBuilderOptions> = {},
): Promise<{ request: PlaybookRequest; warnings: string[] }> {
  const plan = () => ({ steps: [printStep('s1')] });
  const { builder, events } = builderWith({ engine, storage }, plan, options);
  const request = await builder.build({ message, conversation_id: 'context' });
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
  return { request, warnings };
}

const idsOf = ({ resources }: PlaybookRequest) =>
  resources.map(({ arn }) => arn?.split('/').at(-1));

describe('a resource that the message names', () => {
  beforeAll(async () => {
    await storage.estate.upsert([
      {
        record: instanceRecord('i-0aaaaaaaaaaaaaaa1', {
          name: 'checkout-1',
          text: 'checkout server',
          relations: [
            { type: 'in_vpc', target: keyOf('vpc', 'vpc-0aaa') },
            { type: 'has_security_group', target: arnOf('security-group', 'sg-0aaa') },
            { type: 'in_subnet', target: keyOf('subnet', 'subnet-0never') },
          ],
        }),
      },
      { record: networkRecord('vpc', 'vpc-0aaa') },
      { record: networkRecord('security-group', 'sg-0aaa') },
      { record: networkRecord('vpc', 'vpc-0other') },
    ]);
  });

  it('brings what it points at, in brief and behind it', async () => {
    const { request } = await build('why can nobody reach checkout-1', { resourceLimit: 1 });
    expect(idsOf(request)).toEqual(['i-0aaaaaaaaaaaaaaa1', 'vpc-0aaa', 'sg-0aaa']);
    const [named, ...related] = request.resources.map(({ score }) => score);
    expect(related.every((score) => score < (named ?? 0))).toBe(true);
  });

  it('brings nothing where it is only found', async () => {
    const { request } = await build('the checkout server', { resourceLimit: 1 });
    expect(idsOf(request)).toEqual(['i-0aaaaaaaaaaaaaaa1']);
  });
});

describe('what was seen too long ago', () => {
  const id = 'i-0bbbbbbbbbbbbbbb1';
  const key = keyOf('instance', id);
  beforeEach(async () => {
    await storage.estate.upsert([
      {
        record: instanceRecord(id, {
          name: 'ledger-1',
          state: 'running',
          text: 'ledger',
          last_seen: ago(2 * HOUR),
        }),
      },
    ]);
  });

  /** Stands for the scanner, which takes seconds; a real one is in whole-way.test.ts. */
  function scannerThat(does: (keys: readonly string[]) => Promise<void>) {
    const asked: string[][] = [];
    const scanner = {
      refresh: async (keys: readonly string[]) => {
        asked.push([...keys]);
        await does(keys);
        return { errors: [] };
      },
    };
    return { scanner, asked };
  }

  it('is scanned again before the server hears of it', async () => {
    const { scanner, asked } = scannerThat(async () => {
      const record = instanceRecord(id, { name: 'ledger-1', state: 'stopped', text: 'ledger' });
      await storage.estate.upsert([{ record: { ...record, last_seen: ago(0) } }]);
    });
    const { request } = await build('start ledger-1', { scanner });
    expect(asked).toEqual([[key]]);
    expect(request.resources[0]?.fields['state']).toBe('stopped');
    await build('start ledger-1', { scanner });
    expect(asked).toHaveLength(1);
  });

  it('is left out where it is gone', async () => {
    const { scanner } = scannerThat(async () => {
      await storage.estate.remove([key]);
    });
    const { request } = await build('start ledger-1', { scanner });
    expect(idsOf(request)).not.toContain(id);
    expect(request.metadata.dropped['gone']).toBe(1);
  });

  it('is taken as it is known where the scan fails, with a warning', async () => {
    const { scanner } = scannerThat(() => Promise.reject(new Error('no network')));
    const { request, warnings } = await build('start ledger-1', { scanner });
    expect(request.resources[0]?.fields['state']).toBe('running');
    expect(warnings).toEqual(['REFRESH_FAILED']);
  });

  it('is taken as it is where the host wants that', async () => {
    const { scanner, asked } = scannerThat(() => Promise.resolve());
    await build('start ledger-1', { scanner, staleAfterMs: null });
    expect(asked).toEqual([]);
  });
});
