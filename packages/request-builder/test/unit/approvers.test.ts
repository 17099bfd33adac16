import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import {
  readOnlyApprover,
  terminalApprover,
  type ApprovalGrant,
  type Approver,
  type Preview,
} from '../../src/index.ts';
import { approvePreview } from '../../src/policy/approve.ts';
import { previewOf, stop } from './previews.ts';

const key = new Uint8Array(32);

async function ask(approver: Approver, preview: Preview, signal = new AbortController().signal) {
  return await approver(preview, {
    steps: preview.steps,
    approve: (grant: ApprovalGrant) => approvePreview(key, preview, grant, new Date()),
    signal,
  });
}

const undo = { undo: { title: 'Start', command: { type: 'exec', program: 'echo' } } } as const;

/** Answers at a terminal that is none. */
async function answering(lines: string[], preview: Preview) {
  const input = new PassThrough();
  const output = new PassThrough();
  for (const line of lines) input.write(`${line}\n`);
  if (lines.length === 0) input.end();
  const approval = await ask(terminalApprover({ by: 'alice', input, output }), preview);
  output.end();
  return { approval, shown: await text(output) };
}

describe('the approver at a terminal', () => {
  it('shows what would run, and takes "y" for a yes', async () => {
    const { preview } = await previewOf(stop());
    const { approval, shown } = await answering(['y'], preview);
    expect(approval).toMatchObject({ approved_by: 'alice', rollbacks: [] });
    expect(shown).toContain('stop-instances');
    expect(shown).toContain('destructive: ec2:StopInstances has access level Write');
  });

  it.each(['', 'n', 'yup', 'no'])('takes %j for a no', async (line) => {
    const { preview } = await previewOf(stop());
    expect((await answering([line], preview)).approval).toBeNull();
  });

  it('takes input that ends for a no', async () => {
    const { preview } = await previewOf(stop());
    expect((await answering([], preview)).approval).toBeNull();
  });

  it('asks whether to undo, where that can be', async () => {
    const { preview } = await previewOf(stop({ rollback: 'undo' }), { rollbacks: undo });
    expect((await answering(['y', 'y'], preview)).approval?.rollbacks).toEqual(['undo']);
    expect((await answering(['y', 'n'], preview)).approval?.rollbacks).toEqual([]);
  });

  it('ends with the caller', async () => {
    const { preview } = await previewOf(stop());
    const streams = { input: new PassThrough(), output: new PassThrough() };
    const caller = new AbortController();
    const asked = ask(terminalApprover({ by: 'alice', ...streams }), preview, caller.signal);
    caller.abort();
    await expect(asked).rejects.toThrow('aborted');
  });
});

describe('the approver of reads', () => {
  it('approves reads, and asks on about everything else', async () => {
    const read = await previewOf(stop({ command: { type: 'exec', program: 'echo' } }));
    const otherwise = vi.fn<Approver>(() => null);
    const approver = readOnlyApprover({ by: 'robot', otherwise });
    expect(await ask(approver, read.preview)).toMatchObject({ approved_by: 'robot' });
    expect(otherwise).not.toHaveBeenCalled();

    const { preview } = await previewOf(stop());
    expect(await ask(approver, preview)).toBeNull();
    expect(otherwise).toHaveBeenCalledOnce();
    expect(await ask(readOnlyApprover({ by: 'robot' }), preview)).toBeNull();
  });
});
