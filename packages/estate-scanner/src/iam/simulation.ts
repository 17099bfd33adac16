import type { PermissionRequest } from '../ports.ts';
import { targetArn } from './actions.ts';
import type { IamCaller } from './client.ts';
import { type KeyValues, type ResourceContext, verdictOn } from './condition-keys.ts';
import { DecisionTable } from './decisions.ts';
import { describeFailure, type IamFailure, isHopeless } from './failure.ts';
import {
  GroupSimulation,
  type GroupSimulationParts,
  RESULTS_PER_CALL,
} from './group-simulation.ts';
import { OpenQuestions } from './open-questions.ts';
import type { Principal } from './principal.ts';
import { groupQuestions, type QuestionGroup } from './questions.ts';

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
 * Asks IAM about all requests, batched by resource type and action set. Where a policy looks at tags or the region, it is
 * asked again with those of the resources.
 *
 * @returns aligned with `requests`
 * @throws ScanError `ABORTED`
 */
export async function simulate(input: SimulationInput): Promise<SimulationOutcome[]> {
  const { requests, accountWide } = input;
  const first = await askAll(input, groupQuestions(requests, accountWide), []);
  const open = new OpenQuestions();
  const reopened = new Map<string, string>();
  const outcomes = requests.map((request, index) => {
    const outcome: SimulationOutcome = { allowed: [], denied: [], conditional: [], failure: null };
    for (const action of request.actions) {
      const target = targetArn(action, request.arn, accountWide);
      const answer = first.table.get(action, target);
      if (answer === undefined) {
        outcome.failure ??= first.failures.get(`${action} ${target}`) ?? UNANSWERED;
        continue;
      }
      const verdict = verdictOn(answer, contextOf(request, target));
      if ('decision' in verdict) outcome[verdict.decision].push(action);
      else {
        const id = open.add(request.resource_type, action, target, verdict.askWith);
        if (id === null) outcome.conditional.push(action);
        else reopened.set(`${index} ${action}`, id);
      }
    }
    return outcome;
  });
  const second = new Map<string, DecisionTable>();
  await Promise.all(
    open.groups().map(async ([id, group]) => {
      second.set(id, (await askAll(input, [group], group.values)).table);
    }),
  );
  for (const [index, request] of requests.entries()) {
    for (const action of request.actions) {
      const id = reopened.get(`${index} ${action}`);
      if (id === undefined) continue;
      const target = targetArn(action, request.arn, accountWide);
      const answer = second.get(id)?.get(action, target);
      const verdict = answer && verdictOn(answer, contextOf(request, target));
      // No second answer leaves the first: it depends.
      const decision = verdict && 'decision' in verdict ? verdict.decision : 'conditional';
      outcomes[index]?.[decision].push(action);
    }
  }
  return outcomes;
}

/** An action for the whole account has a region, but no resource whose tags could count. */
function contextOf({ tags, region }: PermissionRequest, target: string): ResourceContext {
  return { tags: target === '*' ? null : tags, ...(region !== undefined && { region }) };
}

async function askAll(
  input: SimulationInput,
  groups: readonly QuestionGroup[],
  values: KeyValues,
): Promise<{ table: DecisionTable; failures: Map<string, IamFailure> }> {
  const table = new DecisionTable();
  const failures = new Map<string, IamFailure>();
  const parts: GroupSimulationParts = {
    simulate: asker(input, table, values),
    onFailure(actions, arns, failure) {
      for (const arn of arns) {
        for (const action of actions) failures.set(`${action} ${arn}`, failure);
      }
    },
  };
  await Promise.all(groups.map((group) => new GroupSimulation(group, parts).run()));
  return { table, failures };
}

function asker(
  { principal, caller, signal }: SimulationInput,
  table: DecisionTable,
  values: KeyValues,
) {
  const ContextEntries = values.map(([ContextKeyName, value]) => ({
    ContextKeyName,
    ContextKeyType: 'string' as const,
    ContextKeyValues: [value],
  }));
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
        ...(ContextEntries.length > 0 && { ContextEntries }),
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
