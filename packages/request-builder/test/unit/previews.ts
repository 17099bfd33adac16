import { defaultPolicy } from '../../src/policy/policy.ts';
import { makePreview, type Judgement } from '../../src/preview/make-preview.ts';
import type { PlaybookStep } from '../../src/protocol.ts';
import { defaultPrograms } from '../../src/risk/classify.ts';
import { OperationPatterns } from '../../src/risk/operation-pattern.ts';
import { now, somePlaybook, someRequest } from './playbooks.ts';

/** What holds without options: the default policy and lists, no signatures. */
export const judgement: Judgement = {
  policy: defaultPolicy,
  classifier: { programs: defaultPrograms, allowedRemoteCode: new OperationPatterns([]) },
  trustedKeys: null,
};

/** A step that stops the instance of `someRequest`. */
export function stop(part: Partial<PlaybookStep> = {}): PlaybookStep {
  return {
    id: 's1',
    title: 'Stop',
    command: {
      type: 'aws_cli',
      service: 'ec2',
      operation: 'stop-instances',
      parameters: { 'instance-ids': ['i-0abc1234def567890'] },
      region: 'eu-west-1',
    },
    ...part,
  };
}

/** The preview of a playbook of one step, and that step in it. */
export async function previewOf(
  step: PlaybookStep,
  more = {},
  given: Judgement = judgement,
  inputs = {},
) {
  const playbook = somePlaybook({ steps: [step], ...more });
  const preview = await makePreview(playbook, someRequest(), inputs, given, now);
  const [shown] = preview.steps;
  if (shown === undefined) throw new Error('expected a step');
  return { preview, step: shown };
}
