import {
  showOutcome,
  showPreview,
  showStateChanges,
  type RunProgress,
  type Screen,
} from 'cloudops-example-cli';
import type { Preview } from 'cloudops-request-builder';
import type { EstateRecord } from 'cloudops-storage-service';
import type { DemoEstate } from './estate.ts';
import { storedInstances } from './instances.ts';
import type { DemoParts } from './parts.ts';
import type { Phases } from './phases.ts';
import type { ChangedInstance, PlaybookReport } from './report.ts';
import { actualStates } from './verify.ts';

/** What the demo asks for. */
const MESSAGE = 'stop the idle staging web servers';
/** The conversation that question, playbook and outcome belong to. */
export const CONVERSATION = 'demo';

/** What {@link askAndRun} works with. */
export interface ActContext {
  screen: Screen;
  progress: RunProgress;
  parts: DemoParts;
  estate: DemoEstate;
  phases: Phases;
  signal: AbortSignal;
  /** False: the playbook is shown, and nothing is run. */
  runs: boolean;
}

/** Asks the server, shows its playbook, runs it as a graph, and compares what AWS says afterwards with what was to be. */
export async function askAndRun(context: ActContext): Promise<PlaybookReport> {
  const { screen, parts, phases, signal } = context;
  const { builder } = parts;
  const report: PlaybookReport = {
    message: MESSAGE,
    summary: null,
    question: null,
    risk: null,
    steps: [],
    status: null,
    changed: [],
    unexpected: [],
  };
  const { reply, request } = await phases.measure('ask', async () => {
    const request = await builder.build({
      message: MESSAGE,
      conversation_id: CONVERSATION,
      signal,
    });
    return { request, reply: await builder.send(request, { signal }) };
  });
  screen.line(
    `The request holds ${request.resources.length} resources in ${request.metadata.budget.used} tokens.`,
  );
  if (reply.kind === 'clarification') {
    screen.line(`The server asks back: ${reply.clarification.text}`);
    return { ...report, question: reply.clarification.text };
  }
  const preview = await phases.measure('preview', () =>
    builder.preview(reply.playbook, { request }),
  );
  showPreview(screen, preview);
  const planned = { ...report, summary: preview.playbook.summary, risk: preview.risk };
  if (!context.runs) {
    screen.line();
    screen.line('Not run: with --real nothing is changed.');
    return { ...planned, steps: stepsOf(preview, () => 'not run') };
  }
  return { ...planned, ...(await runAndCompare(context, preview)) };
}

async function runAndCompare(
  { screen, progress, parts, estate, phases, signal }: ActContext,
  preview: Preview,
): Promise<Pick<PlaybookReport, 'steps' | 'status' | 'changed' | 'unexpected'>> {
  const { builder, storage } = parts;
  const before = await storedInstances(storage);
  progress.expect(preview.steps.map(({ id }) => id));
  screen.line();
  screen.line(screen.color.bold('Approved. Running it:'));
  const approval = builder.approve(preview, { by: 'the demo' });
  const outcome = await builder.run(preview, { approval, signal });
  phases.add('run', outcome.duration_ms);
  for (const { duration_ms: ms } of parts.refreshes) phases.add('rescan', ms);
  showOutcome(screen, outcome);
  signal.throwIfAborted();
  const after = await storedInstances(storage);
  const actual = await phases.measure('verify', () =>
    actualStates(estate, regionsOf(before), signal),
  );
  const targets = idsToStop(preview);
  const changed = targets.map((id): ChangedInstance => {
    const record = before.get(id);
    return {
      id,
      name: record?.name ?? id,
      region: record?.region ?? '',
      before: record?.state ?? null,
      stored: after.get(id)?.state ?? null,
      actual: actual.get(id) ?? null,
    };
  });
  screen.line();
  screen.line(screen.color.bold('What changed, scanned again:'));
  showStateChanges(
    screen,
    changed.map((instance) => Object.assign({ after: instance.stored }, instance)),
  );
  const statuses = new Map(outcome.steps.map(({ id, status }) => [id, status]));
  return {
    steps: stepsOf(preview, (id) => statuses.get(id) ?? 'unknown'),
    status: outcome.status,
    changed,
    unexpected: [...before]
      .filter(([id, { state }]) => !targets.includes(id) && actual.get(id) !== state)
      .map(([id]) => id),
  };
}

function stepsOf(preview: Preview, statusOf: (id: string) => string): PlaybookReport['steps'] {
  return preview.steps.map(({ id, argv, risk, reasons }) => ({
    id,
    argv,
    risk,
    reasons,
    status: statusOf(id),
  }));
}

/** The instances that the playbook names to be stopped. */
function idsToStop({ playbook }: Preview): string[] {
  return playbook.steps.flatMap(({ command }) => {
    if (command.type !== 'aws_cli' || command.operation !== 'stop-instances') return [];
    const ids = command.parameters?.['instance-ids'];
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  });
}

function regionsOf(instances: ReadonlyMap<string, EstateRecord>): string[] {
  return [...new Set([...instances.values()].map(({ region }) => region))];
}
