import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PermissionEvaluator } from '../../src/iam/simulate.ts';
import type { PermissionRequest } from '../../src/ports.ts';

/**
 * A server that speaks IAM's wire format, for what no local IAM has: a limit on the size of a batch, answers that stand
 * alone under a template, a failing server, and a look at how many calls are in flight.
 */
interface Behaviour {
  maxArns: number;
  failures: number;
  standsAlone: boolean;
}

let server: Server;
let endpoint: string;
let behaviour: Behaviour;
let inFlight = 0;
let mostInFlight = 0;
let sizes: number[] = [];

const principalArn = 'arn:aws:iam::123456789012:user/alice';

function listOf(form: URLSearchParams, name: string): string[] {
  return Array.from(form).flatMap(([key, value]) =>
    key.startsWith(`${name}.member.`) ? value : [],
  );
}

function answer(form: URLSearchParams): { status: number; body: string } {
  const arns = listOf(form, 'ResourceArns');
  sizes.push(arns.length);
  if (behaviour.failures-- > 0) return { status: 503, body: '<html>Service Unavailable</html>' };
  if (arns.length > behaviour.maxArns) {
    const error = '<Type>Sender</Type><Code>InvalidInput</Code><Message>too many</Message>';
    return { status: 400, body: `<ErrorResponse><Error>${error}</Error></ErrorResponse>` };
  }
  const specific = arns
    .map(
      (arn) =>
        `<member><EvalResourceName>${arn}</EvalResourceName><EvalResourceDecision>allowed</EvalResourceDecision></member>`,
    )
    .join('');
  const results = listOf(form, 'ActionNames')
    .map(
      (action) => `<member><EvalActionName>${action}</EvalActionName>
        <EvalResourceName>arn:\${Partition}:ec2:\${Region}:\${Account}:instance/\${InstanceId}</EvalResourceName>
        <EvalDecision>allowed</EvalDecision>
        ${behaviour.standsAlone ? '' : `<ResourceSpecificResults>${specific}</ResourceSpecificResults>`}</member>`,
    )
    .join('');
  const result = `<EvaluationResults>${results}</EvaluationResults><IsTruncated>false</IsTruncated>`;
  return {
    status: 200,
    body: `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
      <SimulatePrincipalPolicyResult>${result}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`,
  };
}

function requests(count: number): PermissionRequest[] {
  return Array.from({ length: count }, (_, i) => ({
    resource_type: 'ec2:instance',
    arn: `arn:aws:ec2:eu-west-1:123456789012:instance/i-${i}`,
    actions: ['ec2:StartInstances', 'ec2:StopInstances'],
  }));
}

function evaluator(): PermissionEvaluator {
  return new PermissionEvaluator({
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    retry: { initialDelayMs: 1, maxDelayMs: 5, maxAttempts: 4 },
  });
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const reply = async () => {
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      const { status, body } = answer(new URLSearchParams(await text(request)));
      await sleep(100);
      inFlight -= 1;
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    };
    reply().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  endpoint = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  behaviour = { maxArns: Infinity, failures: 0, standsAlone: false };
  [inFlight, mostInFlight, sizes] = [0, 0, []];
});

describe('PermissionEvaluator on the wire', () => {
  it('asks about 500 resources at a time with two actions, halves where that is too many, and answers all', async () => {
    behaviour.maxArns = 130;
    const iam = evaluator();
    const answers = await iam.evaluate({ principalArn, requests: requests(1_200) });
    expect(
      answers.every(({ status, allowed }) => status === 'evaluated' && allowed.length === 2),
    ).toBe(true);
    expect(Math.max(...sizes)).toBe(500);
    expect(Math.max(...sizes.filter((size) => size <= 130))).toBe(125);
    expect(iam.unknown).toEqual([]);
    iam.close();
  });

  it('never has more than five calls in flight', async () => {
    const iam = evaluator();
    const ofManyTypes = requests(12).map((request, i) =>
      Object.assign(request, { resource_type: `ec2:type-${i}` }),
    );
    await Promise.all([
      iam.evaluate({ principalArn, requests: ofManyTypes }),
      iam.evaluate({ principalArn, requests: ofManyTypes }),
    ]);
    expect(sizes).toHaveLength(24);
    expect(mostInFlight).toBe(5);
    iam.close();
  });

  it('understands an answer that stands alone under the template of the ARN', async () => {
    behaviour.standsAlone = true;
    const iam = evaluator();
    const [one] = await iam.evaluate({ principalArn, requests: requests(1) });
    expect(one?.allowed).toEqual(['ec2:StartInstances', 'ec2:StopInstances']);
    const two = await iam.evaluate({ principalArn, requests: requests(3).slice(1) });
    expect(two.map(({ status }) => status)).toEqual(['unknown', 'unknown']);
    expect(iam.unknown).toMatchObject([{ reason: 'unanswered', resources: 2 }]);
    iam.close();
  });

  it('asks again where the server fails, and counts it', async () => {
    behaviour.failures = 3;
    const iam = evaluator();
    const [one] = await iam.evaluate({ principalArn, requests: requests(1) });
    expect(one?.status).toBe('evaluated');
    expect(iam).toMatchObject({ calls: 4, retries: 3 });
    iam.close();
  });

  it('gives up after the last attempt and asks anew the next time', async () => {
    behaviour.failures = 4;
    const iam = evaluator();
    const [one] = await iam.evaluate({ principalArn, requests: requests(1) });
    expect(one?.status).toBe('unknown');
    const [again] = await iam.evaluate({ principalArn, requests: requests(1) });
    expect(again?.status).toBe('evaluated');
    iam.close();
  });
});
