import { randomUUID } from 'node:crypto';
import type { MotoClient } from '../moto/client.ts';
import { escapeXml } from '../moto/xml.ts';
import type { AwsCall } from '../proxy/call.ts';
import { queryError } from '../proxy/wire-errors.ts';
import type { CallHandler } from '../proxy/handler.ts';
import { type Evaluation, evaluator, mostRestrictive } from './evaluate.ts';
import { IamError } from './iam-error.ts';
import { type PrincipalPolicies, principalPolicies } from './principal.ts';
import { type SimulateRequest, markerFor, readSimulateRequest } from './simulate-request.ts';

/**
 * How several ARNs are answered. `action`: one EvaluationResult per action with a ResourceSpecificResult per ARN, as IAM does today.
 * `resource`: one EvaluationResult per action and ARN, each with the aggregate decision on top, as IAM did before. Source:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
 */
export type SimulationShape = 'action' | 'resource';

/** One EvaluationResult of the answer. */
interface ActionResult {
  action: string;
  resource: string;
  evaluations: readonly Evaluation[];
  /** The evaluations that are listed one by one below it. */
  specific: readonly Evaluation[];
}

/** Answers SimulatePrincipalPolicy from the policies that moto holds; moto itself does not know the call. */
export function simulateHandler(moto: MotoClient, shape: SimulationShape): CallHandler {
  const principals = new Map<string, Promise<PrincipalPolicies>>();
  const policiesOf = (arn: string) => {
    const known = principals.get(arn) ?? principalPolicies(moto, arn);
    principals.set(arn, known);
    // Only what was found is worth remembering; the caller gets the error.
    known.catch(() => principals.delete(arn));
    return known;
  };
  return {
    accepts: (call) => call.service === 'iam' && call.operation === 'SimulatePrincipalPolicy',
    completed(call) {
      // Whatever changes IAM makes what was read of it old.
      if (call.service === 'iam' && !/^(Get|List)/.test(call.operation)) principals.clear();
    },
    async answer(call) {
      try {
        const request = readSimulateRequest(call.parameters);
        const results = simulate(request, await policiesOf(request.policySourceArn), shape);
        return {
          status: 200,
          headers: { 'content-type': 'text/xml' },
          body: page(request, results),
        };
      } catch (error) {
        if (error instanceof IamError) return iamAnswer(call, error);
        throw error;
      }
    },
  };
}

function iamAnswer(call: AwsCall, error: IamError) {
  return queryError(call, {
    status: error.code === 'NoSuchEntity' ? 404 : 400,
    code: error.code,
    message: error.message,
  });
}

function simulate(
  request: SimulateRequest,
  principal: PrincipalPolicies,
  shape: SimulationShape,
): ActionResult[] {
  const evaluate = evaluator(principal, request.extraPolicies, request.context);
  const severalResources = request.resources.length > 1;
  return request.actions.flatMap((action) => {
    const evaluations = request.resources.map((resource) => evaluate(action, resource));
    if (shape === 'resource') {
      return evaluations.map((one) => ({
        action,
        resource: one.resource,
        evaluations,
        specific: severalResources ? [one] : [],
      }));
    }
    const resource = severalResources ? '*' : (request.resources[0] ?? '*');
    return [{ action, resource, evaluations, specific: severalResources ? evaluations : [] }];
  });
}

function page(request: SimulateRequest, results: readonly ActionResult[]): string {
  const end = request.offset + request.maxItems;
  const members = results.slice(request.offset, end).map(resultXml).join('');
  const more =
    end < results.length
      ? `<IsTruncated>true</IsTruncated><Marker>${markerFor(end)}</Marker>`
      : '<IsTruncated>false</IsTruncated>';
  return (
    '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">' +
    `<SimulatePrincipalPolicyResult>${more}<EvaluationResults>${members}</EvaluationResults></SimulatePrincipalPolicyResult>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></SimulatePrincipalPolicyResponse>`
  );
}

function resultXml({ action, resource, evaluations, specific }: ActionResult): string {
  const missing = new Set(evaluations.flatMap((one) => one.missingContextValues));
  const details = specific.map(
    (one) =>
      `<member><EvalResourceName>${escapeXml(one.resource)}</EvalResourceName>` +
      `<EvalResourceDecision>${one.decision}</EvalResourceDecision>` +
      `<MatchedStatements/>${missingXml(one.missingContextValues)}</member>`,
  );
  return (
    `<member><EvalActionName>${escapeXml(action)}</EvalActionName>` +
    `<EvalResourceName>${escapeXml(resource)}</EvalResourceName>` +
    `<EvalDecision>${mostRestrictive(evaluations.map((one) => one.decision))}</EvalDecision>` +
    `<MatchedStatements/>${missingXml([...missing])}` +
    (details.length === 0
      ? ''
      : `<ResourceSpecificResults>${details.join('')}</ResourceSpecificResults>`) +
    '</member>'
  );
}

function missingXml(keys: readonly string[]): string {
  const members = keys.map((key) => `<member>${escapeXml(key)}</member>`).join('');
  return `<MissingContextValues>${members}</MissingContextValues>`;
}
