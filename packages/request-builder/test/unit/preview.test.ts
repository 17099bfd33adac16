import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/policy.ts';
import { explainStep, makePreview, type Judgement } from '../../src/preview/make-preview.ts';
import { Preview } from '../../src/preview/preview.ts';
import { readTrustedKeys } from '../../src/playbook/signature.ts';
import { canonicalJson, type Playbook, type PlaybookStep } from '../../src/protocol.ts';
import { now, somePlaybook, someRequest } from './playbooks.ts';
import { judgement, previewOf, stop } from './previews.ts';

const pair = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

function signed(playbook: Playbook, key: KeyObject, keyId = 'k1'): Playbook {
  const value = sign(null, Buffer.from(canonicalJson(playbook)), key).toString('base64');
  return { ...playbook, signature: { alg: 'Ed25519', key_id: keyId, value } };
}

describe('signatures', () => {
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const trusting: Judgement = { ...judgement, trustedKeys: readTrustedKeys({ k1: pem }) };
  const playbook = somePlaybook();
  const preview = (given: Playbook) => makePreview(given, someRequest(), {}, trusting, now);

  it('are checked where keys are trusted, and the digest does not depend on them', async () => {
    const accepted = await preview(signed(playbook, pair.privateKey));
    const unsigned = await makePreview(playbook, someRequest(), {}, judgement, now);
    expect(accepted.playbook_digest).toBe(unsigned.playbook_digest);
  });

  it.each<[string, Playbook]>([
    ['unsigned', playbook],
    ['unknown_key', signed(playbook, pair.privateKey, 'k2')],
    ['forged', signed(playbook, stranger.privateKey)],
    ['forged', { ...signed(playbook, pair.privateKey), summary: 'Something else.' }],
    ['forged', { ...playbook, signature: { alg: 'Ed25519', key_id: 'k1', value: 'x' } }],
  ])('are refused: %s', async (reason, given) => {
    await expect(preview(given)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      details: { reason },
    });
  });

  it('need Ed25519 keys', () => {
    expect(() => readTrustedKeys({ k1: 'no key' })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
  });
});

describe('a preview', () => {
  it('shows what a step is, about what, and what may be done', async () => {
    const { preview, step } = await previewOf(stop({ rollback: 'undo' }), {
      rollbacks: { undo: { title: 'Start', command: { type: 'exec', program: 'echo' } } },
    });
    expect(step).toMatchObject({
      argv: [
        'aws',
        'ec2',
        'stop-instances',
        '--instance-ids=["i-0abc1234def567890"]',
        '--region',
        'eu-west-1',
      ],
      risk: 'destructive',
      actions: ['ec2:StopInstances'],
      grounding: { status: 'yes' },
      decision: { effect: 'require_approval', rules: ['change'] },
      // Not declared by the server, but named by the command.
      resources: [
        { ref: 'r1', name: 'staging-web-1', permissions: { 'ec2:StopInstances': 'denied' } },
      ],
      rollback: 'undo',
    });
    expect(preview.rollbacks['undo']?.argv).toEqual(['echo']);
    expect(Preview.safeParse(JSON.parse(JSON.stringify(preview))).success).toBe(true);
  });

  it('does not believe what a server says a step is about', async () => {
    const policy = parsePolicy({
      version: 1,
      rules: [{ id: 'staging', effect: 'allow', when: { tags: { Environment: ['staging'] } } }],
    });
    const rules = { ...judgement, policy };
    const effect = async (step: PlaybookStep) =>
      (await previewOf(step, {}, rules)).step.decision.effect;
    expect(await effect(stop({ resources: ['r1'] }))).toBe('allow');
    const other = stop({ resources: ['r1'] });
    if (other.command.type === 'aws_cli')
      other.command.parameters = { 'instance-ids': ['i-0bad1234def567890'] };
    expect(await effect(other)).toBe('deny');
    const shell: PlaybookStep = {
      ...stop({ resources: ['r1'] }),
      command: { type: 'shell', command: 'true' },
    };
    expect(await effect(shell)).toBe('deny');
  });

  it('lets the server raise a class, never lower it', async () => {
    expect((await previewOf(stop({ declared_risk: 'read_only' }))).step.risk).toBe('destructive');
    const echo: PlaybookStep = { id: 's1', title: 'x', command: { type: 'exec', program: 'echo' } };
    const raised = await previewOf({ ...echo, declared_risk: 'mutating' });
    expect(raised.step.risk).toBe('mutating');
    expect(raised.preview.decision).toBe('require_approval');
  });

  it('denies what is above the class that the request allows', async () => {
    const request = someRequest();
    request.constraints = { ...request.constraints, max_risk: 'mutating' };
    const playbook = somePlaybook({ steps: [stop()] }, request);
    const preview = await makePreview(playbook, request, {}, judgement, now);
    expect(preview.decision).toBe('deny');
  });

  it('writes out what cannot be seen', async () => {
    const hidden = await previewOf({
      id: 's1',
      title: 'Say\u202e hello\u001b[2K',
      command: { type: 'exec', program: 'echo', args: ['a\u202eb', 'c\u001b[2K\r'] },
    });
    expect(hidden.step.title).toBe('Say hello');
    expect(hidden.step.argv).toEqual(['echo', 'a\\u{202e}b', 'c\\u{1b}[2K\\u{d}']);
  });

  it('refuses an input that the AWS CLI would read from a file, in rollbacks too', async () => {
    const parameters = { note: { type: 'string' as const } };
    const noted = { 'instance-ids': ['i-0abc1234def567890'], note: { $ref: 'parameters.note' } };
    const command = {
      type: 'aws_cli' as const,
      service: 'ec2',
      operation: 'stop-instances',
      parameters: noted,
    };
    const inputs = { note: 'file:///etc/passwd' };
    const inStep = previewOf(stop({ command }), { parameters }, judgement, inputs);
    await expect(inStep).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      details: { errors: [{ pointer: '/steps/0/command/parameters/note' }] },
    });
    const rollbacks = { undo: { title: 'Undo', command } };
    const inRollback = previewOf(stop(), { parameters, rollbacks }, judgement, inputs);
    await expect(inRollback).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      details: { errors: [{ pointer: '/rollbacks/undo/command/parameters/note' }] },
    });
  });

  it('looks at the inputs, not at the references to them', async () => {
    const parameters = { flag: { type: 'string' as const } };
    const step = stop();
    if (step.command.type === 'aws_cli') step.command.args = [{ $ref: 'parameters.flag' }];
    const preview = previewOf(step, { parameters }, judgement, { flag: '--profile=other' });
    await expect(preview).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
    const forced = await previewOf(step, { parameters }, judgement, { flag: '--force' });
    expect(forced.step.reasons).toContain('--force leaves no way back');
  });

  it('explains a step: its class, and how every rule looks at it', async () => {
    const { preview } = await previewOf(stop());
    const { step, rules } = await explainStep(preview, 's1', judgement, now);
    expect(step.reasons).toEqual([
      'ec2:StopInstances has access level Write',
      '"stop" takes something away',
    ]);
    expect(rules.filter(({ fits }) => fits).map(({ id }) => id)).toEqual(['change']);
    await expect(explainStep(preview, 's9', judgement, now)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});
