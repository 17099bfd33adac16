import { findingsOf, RequestError, type Finding, type RequestErrorCode } from '../errors.ts';
import { contextDigest } from '../protocol/digest.ts';
import { Playbook } from '../protocol/playbook.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import { isPattern } from './pattern.ts';
import { findPlanFaults } from './plan-faults.ts';
import { findRestricted, findRestrictedEnv } from './restrictions.ts';
import { findStructureFault } from './structure.ts';
import { findTargetFaults } from './target.ts';

/**
 * Checks a playbook completely against the request that it answers, before anything of it is shown or run; one fault refuses all of it.
 *
 * @throws RequestError with what is wrong in `details.errors` (`pointer`, `message`): `PLAN_INVALID` (schema, graph, references, what a server may not set), `CONTEXT_MISMATCH` (answers another
 * request), `TARGET_MISMATCH` (another account, partition or region), `PLAYBOOK_EXPIRED`
 */
export function validatePlaybook(document: unknown, request: PlaybookRequest, now: Date): Playbook {
  const playbook = parsePlaybook(document);
  refuse('CONTEXT_MISMATCH', findContextFaults(playbook, request));
  refuse('TARGET_MISMATCH', findTargetFaults(playbook, request.target));
  refuse('PLAN_INVALID', [
    ...findPlanFaults(playbook),
    ...findWorkFaults(playbook, request),
    ...findConstraintFaults(playbook, request),
    ...findPatternFaults(playbook),
  ]);
  if (Date.parse(playbook.expires_at) <= now.getTime()) {
    throw new RequestError('PLAYBOOK_EXPIRED', `the playbook expired at ${playbook.expires_at}`, {
      details: { expires_at: playbook.expires_at },
    });
  }
  return playbook;
}

/** @throws RequestError `PLAN_INVALID` */
function parsePlaybook(document: unknown): Playbook {
  const fault = findStructureFault(document);
  if (fault !== null) refuse('PLAN_INVALID', [fault]);
  const parsed = Playbook.safeParse(document);
  if (!parsed.success) throw refusal('PLAN_INVALID', findingsOf(parsed.error));
  return parsed.data;
}

function findContextFaults(playbook: Playbook, request: PlaybookRequest): Finding[] {
  const faults: Finding[] = [];
  if (playbook.request_id !== request.request_id) {
    faults.push({ pointer: '/request_id', message: 'answers another request' });
  }
  if (playbook.context_digest !== contextDigest(request)) {
    faults.push({ pointer: '/context_digest', message: 'was made for another context' });
  }
  return faults;
}

function findWorkFaults(playbook: Playbook, request: PlaybookRequest): Finding[] {
  const refs = new Set(request.resources.map(({ ref }) => ref));
  const rollbacks = playbook.rollbacks ?? {};
  const all = [
    ...playbook.steps.map((work, index) => ({ work, at: ['steps', index] })),
    ...Object.entries(rollbacks).map(([name, work]) => ({ work, at: ['rollbacks', name] })),
  ];
  const faults: Finding[] = [];
  for (const { work, at } of all) {
    const base = `/${at.join('/')}`;
    faults.push(
      ...findRestricted(work.command, [...at, 'command']),
      ...findRestrictedEnv(work.env, work.command.type === 'aws_cli', at),
    );
    for (const [index, ref] of (work.resources ?? []).entries()) {
      if (!refs.has(ref)) {
        faults.push({
          pointer: `${base}/resources/${index}`,
          message: `the request has no resource ${ref}`,
        });
      }
    }
  }
  for (const [index, { rollback }] of playbook.steps.entries()) {
    if (rollback && !Object.hasOwn(rollbacks, rollback)) {
      faults.push({
        pointer: `/steps/${index}/rollback`,
        message: `there is no rollback ${rollback}`,
      });
    }
  }
  return faults;
}

function findConstraintFaults(playbook: Playbook, { constraints }: PlaybookRequest): Finding[] {
  const faults: Finding[] = [];
  const { step_types: types, strategies, max_steps: maxSteps } = constraints;
  if (!strategies.includes(playbook.strategy.type)) {
    faults.push({ pointer: '/strategy/type', message: `expected one of ${strategies.join(', ')}` });
  }
  if (playbook.steps.length > maxSteps) {
    faults.push({ pointer: '/steps', message: `more than ${maxSteps} steps` });
  }
  const check = (type: (typeof types)[number], pointer: string) => {
    if (!types.includes(type))
      faults.push({ pointer, message: `expected one of ${types.join(', ')}` });
  };
  for (const [index, { command }] of playbook.steps.entries()) {
    check(command.type, `/steps/${index}/command/type`);
  }
  for (const [name, { command }] of Object.entries(playbook.rollbacks ?? {})) {
    check(command.type, `/rollbacks/${name}/command/type`);
  }
  return faults;
}

function findPatternFaults(playbook: Playbook): Finding[] {
  return Object.entries(playbook.parameters ?? {})
    .filter(([, { pattern }]) => pattern && !isPattern(pattern))
    .map(([name]) => ({
      pointer: `/parameters/${name}/pattern`,
      message: 'no regular expression',
    }));
}

function refuse(code: RequestErrorCode, findings: readonly Finding[]): void {
  if (findings.length > 0) throw refusal(code, findings);
}

function refusal(code: RequestErrorCode, findings: readonly Finding[]): RequestError {
  const shown = findings.slice(0, 20);
  const list = shown.map(({ pointer, message }) => `${pointer || '/'}: ${message}`).join('; ');
  return new RequestError(code, `the playbook is refused: ${list}`, {
    details: { errors: shown.map(({ pointer, message }) => ({ pointer, message })) },
  });
}
