import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readTrustedKeys } from './playbook/signature.ts';
import { AuditLog } from './audit/audit-log.ts';
import type { CustomRedaction } from './context/custom-redaction.ts';
import type { ContextSettings } from './context/build-request.ts';
import { estimatingCounter, type TokenCounter } from './context/tokens.ts';
import { findingsOf, RequestError } from './errors.ts';
import {
  isolated,
  type BuilderEvent,
  type BuilderEventHandler,
  type HandlerErrorListener,
} from './events.ts';
import { Journal } from './journal.ts';
import { defaultPolicy, parsePolicy, type Policy } from './policy/policy.ts';
import type { BuilderEngine, BuilderScanner, BuilderStorage } from './ports.ts';
import type { Judgement } from './preview/make-preview.ts';
import { Constraints } from './protocol/request.ts';
import { RiskClass } from './protocol/risk.ts';
import { Target } from './protocol/target.ts';
import { defaultPrograms } from './risk/classify.ts';
import { OperationPatterns } from './risk/operation-pattern.ts';
import type { Transport } from './server/transport.ts';

/** What a builder is made of; everything but `storage`, `engine` and `transport` has a default. */
export interface RequestBuilderOptions {
  /** A `StorageService`. */
  storage: BuilderStorage;
  /** An `ExecutionEngine`; steps run on its AWS configuration. */
  engine: BuilderEngine;
  /** An `EstateScanner`. Without it, what a playbook changed is not scanned again, nor what is stale. */
  scanner?: BuilderScanner | null;
  /** `httpTransport({ url, token })` or `inProcessTransport(planner)`. */
  transport: Transport;
  /** What may run without being asked. Default: `defaultPolicy`. */
  policy?: Policy;
  /** File for idempotency keys and used approvals. Default: in memory, so that a restart forgets them. */
  journalPath?: string | null;
  /** File for the audit log: what was sent, refused, approved and run. Default: none. */
  auditPath?: string | null;
  /** Secret with which approvals are made, at least 32 bytes. Default: random, so that approvals do not outlive the process. */
  approvalKey?: Uint8Array;
  /** Ed25519 public keys in PEM by `key_id`. With it, playbooks that none of them signed are refused. Default: no signature is asked for. */
  trustedKeys?: Readonly<Record<string, string>> | null;
  /** Messages of the conversation that are looked at. Default 20; 0: none. */
  historyLimit?: number;
  /** Resources that are looked at, before the budget. Default 200, more than fit into the default budget. */
  resourceLimit?: number;
  /** Where there is a scanner: what a message names, and the best ten that it finds, are scanned again before the request if they were seen longer ago than this, milliseconds. Default 3,600,000; null: never. */
  staleAfterMs?: number | null;
  /** Tokens of a whole request. Default 24,000. */
  tokenBudget?: number;
  /** Default: an estimate from above. */
  tokenCounter?: TokenCounter;
  /** Masked besides the built-in kinds of secrets. */
  redactions?: readonly CustomRedaction[];
  /** Where playbooks act. Default: the engine's caller, in the regions where the estate has resources. */
  target?: Target | null;
  /** What a playbook may contain. Default: every class, step type and strategy, 50 steps. */
  constraints?: Partial<Constraints>;
  /** Programs of `exec` steps by exact name with their class, besides `echo`, `printf`, `sleep`, `true` and `false`. */
  programs?: Readonly<Record<string, RiskClass>>;
  /** `service operation` patterns of remote code that is only mutating, such as `lambda invoke`. Default: none. */
  allowedRemoteCode?: readonly string[];
  /** Variables of the host that `script`, `exec` and `shell` steps see. Default: PATH, HOME, LANG, LC_ALL, TZ, TMPDIR. */
  inheritedVariables?: readonly string[];
  /** Where steps run. Default: an empty folder for each run, removed afterwards. */
  workingDir?: string | null;
  /** For steps that name no timeout. Default 900,000. */
  stepTimeoutMs?: number;
  /** Name and version of the client, told to the server. Default `cloudops-request-builder`. */
  client?: string;
  onEvent?: BuilderEventHandler;
  /** Told of what `onEvent` threw or rejected with; default: nobody. The work goes on. */
  onHandlerError?: HandlerErrorListener;
}

/** Every default filled in. */
export interface BuilderSettings {
  readonly storage: BuilderStorage;
  readonly engine: BuilderEngine;
  readonly scanner: BuilderScanner | null;
  readonly transport: Transport;
  readonly journal: Journal;
  readonly audit: AuditLog | null;
  readonly approvalKey: Uint8Array;
  readonly context: ContextSettings;
  readonly judgement: Judgement;
  readonly target: Target | null;
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string | null;
  readonly stepTimeoutMs: number;
  readonly onEvent: (event: BuilderEvent) => void;
}

const Plain = z.object({
  historyLimit: z.int().min(0).max(1000).default(20),
  resourceLimit: z.int().min(1).max(1000).default(200),
  staleAfterMs: z.int().min(0).nullable().default(3_600_000),
  tokenBudget: z.int().min(500).max(10_000_000).default(24_000),
  redactions: z
    .array(
      z.strictObject({
        kind: z.string().regex(/^[a-z0-9_]{1,50}$/),
        pattern: z
          .instanceof(RegExp)
          .refine(({ flags }) => flags.includes('g'), 'expected the flag g'),
      }),
    )
    .default([]),
  target: Target.nullable().default(null),
  constraints: Constraints.partial().default({}),
  programs: z.record(z.string(), RiskClass).default({}),
  allowedRemoteCode: z.array(z.string()).default([]),
  inheritedVariables: z
    .array(z.string())
    .default(['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR']),
  workingDir: z.string().min(1).nullable().default(null),
  stepTimeoutMs: z.int().min(1).max(86_400_000).default(900_000),
  client: z.string().min(1).max(200).default('cloudops-request-builder'),
  approvalKey: z
    .instanceof(Uint8Array)
    .refine(({ length }) => length >= 32, 'expected 32 bytes or more')
    .optional(),
  journalPath: z.string().min(1).nullable().default(null),
  auditPath: z.string().min(1).nullable().default(null),
  trustedKeys: z.record(z.string(), z.string()).nullable().default(null),
});

const defaultConstraints: Constraints = {
  max_risk: 'destructive',
  step_types: ['script', 'exec', 'shell', 'aws_cli'],
  strategies: ['serial', 'parallel', 'dependency_graph'],
  max_steps: 50,
};

/**
 * Checks options and fills in the defaults.
 *
 * @throws RequestError `INVALID_OPTIONS`, `POLICY_INVALID`
 */
export function resolveOptions(options: RequestBuilderOptions): BuilderSettings {
  for (const name of ['storage', 'engine', 'transport'] as const) {
    if (typeof options[name] !== 'object' || options[name] === null) {
      throw new RequestError('INVALID_OPTIONS', `${name}: required`);
    }
  }
  const parsed = Plain.safeParse(options);
  if (!parsed.success) {
    const list = findingsOf(parsed.error).map(({ pointer, message }) => `${pointer} ${message}`);
    throw new RequestError('INVALID_OPTIONS', list.join('; '));
  }
  const plain = parsed.data;
  const onEvent = isolated(options.onEvent ?? (() => {}), options.onHandlerError ?? (() => {}));
  return Object.freeze({
    storage: options.storage,
    engine: options.engine,
    scanner: options.scanner ?? null,
    transport: options.transport,
    journal: new Journal(plain.journalPath),
    audit: plain.auditPath === null ? null : new AuditLog(plain.auditPath),
    approvalKey: plain.approvalKey ?? randomBytes(32),
    context: Object.freeze({
      historyLimit: plain.historyLimit,
      resourceLimit: plain.resourceLimit,
      tokenBudget: plain.tokenBudget,
      tokenCounter: options.tokenCounter ?? estimatingCounter,
      redactions: plain.redactions,
      constraints: { ...defaultConstraints, ...plain.constraints },
      client: plain.client,
      refresh: refreshSettings(options.scanner ?? null, plain.staleAfterMs, onEvent),
    }),
    judgement: Object.freeze({
      policy: parsePolicy(options.policy ?? defaultPolicy),
      classifier: {
        programs: { ...defaultPrograms, ...plain.programs },
        allowedRemoteCode: new OperationPatterns(plain.allowedRemoteCode),
      },
      trustedKeys: plain.trustedKeys === null ? null : readTrustedKeys(plain.trustedKeys),
    }),
    target: plain.target,
    env: inherited(plain.inheritedVariables),
    workingDir: plain.workingDir,
    stepTimeoutMs: plain.stepTimeoutMs,
    onEvent,
  });
}

function refreshSettings(
  scanner: BuilderScanner | null,
  staleAfterMs: number | null,
  onEvent: BuilderSettings['onEvent'],
): ContextSettings['refresh'] {
  if (scanner === null || staleAfterMs === null) return null;
  const onWarning = (code: string, message: string) => onEvent({ type: 'warning', code, message });
  return { scanner, staleAfterMs, onWarning };
}

function inherited(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
