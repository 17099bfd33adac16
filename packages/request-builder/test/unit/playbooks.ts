import { contextDigest, type Playbook, type PlaybookRequest } from '../../src/protocol.ts';

/** A request with one instance in its context. */
export function someRequest(part: Partial<PlaybookRequest> = {}): PlaybookRequest {
  return {
    protocol: '1.0',
    request_id: 'request-1',
    conversation_id: 'conversation-1',
    message: { text: 'stop the staging web server, and delete the bucket old-logs' },
    target: { partition: 'aws', account_id: '123456789012', regions: ['eu-west-1'] },
    resources: [
      {
        ref: 'r1',
        arn: 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890',
        type: 'ec2:instance',
        score: 0.9,
        fields: {
          key: '123456789012-eu-west-1-ec2:instance/i-0abc1234def567890',
          resource_id: 'ec2:instance/i-0abc1234def567890',
          name: 'staging-web-1',
          tags: { Environment: 'staging' },
          relations: [
            {
              type: 'subnet',
              target: '123456789012-eu-west-1-ec2:subnet/subnet-0123456789abcdef0',
            },
          ],
        },
        permissions: { allowed: ['ec2:StartInstances'], denied: ['ec2:StopInstances'] },
        trust: 'untrusted',
      },
    ],
    history: [],
    constraints: {
      max_risk: 'destructive',
      step_types: ['script', 'exec', 'shell', 'aws_cli'],
      strategies: ['serial', 'parallel', 'dependency_graph'],
      max_steps: 50,
    },
    metadata: { client: 'test', budget: { limit: 1000, used: 100 }, dropped: {}, redactions: {} },
    ...part,
  };
}

/** A playbook that validates, for `someRequest()` or another request. */
export function somePlaybook(part: Partial<Playbook> = {}, request = someRequest()): Playbook {
  return {
    schema: 'playbook/v1',
    playbook_id: 'playbook-1',
    request_id: request.request_id,
    context_digest: contextDigest(request),
    target: request.target,
    summary: 'Stops the staging web server.',
    expires_at: '2030-01-01T00:00:00Z',
    strategy: { type: 'dependency_graph' },
    steps: [
      {
        id: 's1',
        title: 'Look',
        command: {
          type: 'aws_cli',
          service: 'ec2',
          operation: 'describe-instances',
          parameters: { 'instance-ids': ['i-0abc1234def567890'] },
          region: 'eu-west-1',
        },
        resources: ['r1'],
        outputs: { state: { from: 'stdout', pointer: '/Reservations/0/Instances/0/State/Name' } },
      },
      {
        id: 's2',
        title: 'Say',
        command: { type: 'exec', program: 'echo', args: [{ $ref: 'steps.s1.outputs.state' }] },
        depends_on: ['s1'],
      },
    ],
    ...part,
  };
}

export const now = new Date('2026-01-31T09:00:00Z');
