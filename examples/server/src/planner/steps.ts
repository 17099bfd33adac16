import type { Playbook } from 'cloudops-request-builder/protocol';
import type { Chosen } from './selection.ts';
import { counted, type Batch, type StepDraft } from './kinds/kind.ts';

/** The steps of a plan and how they are undone. */
export interface Graph {
  steps: Playbook['steps'];
  rollbacks: NonNullable<Playbook['rollbacks']>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Makes one chain of steps per region and kind (and per 50 resources, or per one where AWS takes no more); chains
 * do not wait for each other. Every step names the resources it is about.
 */
export function graphOf(chosen: readonly Chosen[], tags: Batch['tags']): Graph {
  const graph: Graph = { steps: [], rollbacks: {} };
  for (const group of groupsOf(chosen)) {
    const [first] = group;
    if (first === undefined) continue;
    const { region } = first.candidate;
    const size = first.action.batchSize;
    const chains = Math.ceil(group.length / size);
    for (let chain = 0; chain < chains; chain += 1) {
      const members = group.slice(chain * size, (chain + 1) * size).map((one) => one.candidate);
      const drafts = first.action.steps({
        region,
        candidates: members,
        ids: members.map(({ id }) => id),
        tags,
      });
      const slug = counted(2, first.kind).slice(2).toLowerCase().replaceAll(' ', '-');
      const suffix = `${slug}-${region}${chains > 1 ? `-${chain + 1}` : ''}`;
      addChain(
        graph,
        drafts,
        suffix,
        members.map(({ ref }) => ref),
      );
    }
  }
  return graph;
}

function addChain(
  graph: Graph,
  drafts: readonly StepDraft[],
  suffix: string,
  refs: string[],
): void {
  let before: string | null = null;
  for (const draft of drafts) {
    const id: string = `${draft.does}-${suffix}`;
    const undo = draft.undo;
    if (undo !== undefined) {
      graph.rollbacks[`undo-${id}`] = {
        title: undo.title,
        command: undo.command,
        resources: refs,
        declared_risk: undo.risk,
        timeout_ms: DEFAULT_TIMEOUT_MS,
      };
    }
    graph.steps.push({
      id,
      title: draft.title,
      command: draft.command,
      resources: refs,
      depends_on: before === null ? [] : [before],
      declared_risk: draft.risk,
      timeout_ms: draft.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(undo === undefined ? {} : { rollback: `undo-${id}` }),
    });
    before = id;
  }
}

/** By kind and region, in the order of the regions' and kinds' first appearance in the alphabet, so that a plan is the same each time. */
function groupsOf(chosen: readonly Chosen[]): Chosen[][] {
  const groups = new Map<string, Chosen[]>();
  for (const one of chosen) {
    const key = `${one.candidate.region} ${one.kind.many}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
