import type { PermissionRequest } from '../ports.ts';
import { targetArn } from './actions.ts';
import type { IamCaller } from './client.ts';
import { type Decision, DecisionTable } from './decisions.ts';
import { describeFailure, type IamFailure, isHopeless } from './failure.ts';
import { GroupSimulation, RESULTS_PER_CALL } from './group-simulation.ts';
import type { Principal } from './principal.ts';
import { groupQuestions } from './questions.ts';

/** What came out for one request: a list per decision, and why anything is in none of them. */
export interface SimulationOutcome {
  allowed: string[];
  denied: string[];
  conditional: string[];
  failure: IamFailure | null;
}

const UNANSWERED: IamFailure = {
  reason: 'unanswered',
  code: 'Unanswered',
  message: 'IAM answered without this resource',
};

/** What a {@link simulate} needs. */
export interface SimulationInput {
  principal: Principal;
  requests: readonly PermissionRequest[];
  caller: IamCaller;
  accountWide: ReadonlySet<string>;
  signal: AbortSignal | undefined;
}

/**
 * Asks IAM about all requests, batched by resource type and action set.
 *
 * @returns aligned with `requests`
 * @throws ScanError `ABORTED`
 */
export async function simulate(input: SimulationInput): Promise<SimulationOutcome[]> {
  const { requests, accountWide } = input;
  const table = new DecisionTable();
  const failures = new Map<string, IamFailure>();
  const ask = asker(input, table);
  const groups = groupQuestions(requests, accountWide).map(
    (group) =>
      new GroupSimulation(group, {
        simulate: ask,
        onFailure(actions, arns, failure) {
          for (const arn of arns) {
            for (const action of actions) failures.set(`${action} ${arn}`, failure);
          }
        },
      }),
  );
  await Promise.all(groups.map((group) => group.run()));
  return requests.map((request) => {
    const outcome: SimulationOutcome = { allowed: [], denied: [], conditional: [], failure: null };
    for (const action of request.actions) {
      const target = targetArn(action, request.arn, accountWide);
      const decision: Decision | undefined = table.get(action, target);
      if (decision === undefined) {
        outcome.failure ??= failures.get(`${action} ${target}`) ?? UNANSWERED;
      } else outcome[decision].push(action);
    }
    return outcome;
  });
}

function asker({ principal, caller, signal }: SimulationInput, table: DecisionTable) {
  let hopeless: Error | null = null;
  const beforeEach = () => {
    if (hopeless !== null) throw hopeless;
  };
  return async (actions: readonly string[], arns: readonly string[]): Promise<void> => {
    let marker: string | undefined;
    do {
      const parameters = {
        PolicySourceArn: principal.arn,
        ActionNames: [...actions],
        ResourceArns: [...arns],
        MaxItems: RESULTS_PER_CALL,
        Marker: marker,
      };
      try {
        const page = await caller.call({
          partition: principal.partition,
          signal,
          beforeEach,
          send: (client, sdk, abortSignal) =>
            client.send(new sdk.SimulatePrincipalPolicyCommand(parameters), { abortSignal }),
        });
        table.add(page.EvaluationResults ?? [], arns);
        marker = page.IsTruncated === true ? page.Marker : undefined;
      } catch (error) {
        if (error instanceof Error && isHopeless(describeFailure(error))) hopeless = error;
        throw error;
      }
    } while (marker !== undefined);
  };
}
