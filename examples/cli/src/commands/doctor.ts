import { access, constants } from 'node:fs/promises';
import { EXIT } from '../exit-codes.ts';
import { failureOf } from '../failure.ts';
import type { Session } from '../session.ts';
import type { Screen } from '../terminal/screen.ts';
import type { Command } from './command.ts';

/** One thing that was looked at. */
export interface Check {
  name: string;
  status: 'ok' | 'warning' | 'failed';
  /** What was found. */
  detail: string;
  /** What to do about it. */
  advice?: string;
}

const OLDEST_NODE = [22, 18] as const;
const CHECK_TIMEOUT_MS = 20_000;

/** Looks at everything the program needs and says what is missing. */
export const doctor: Command<null> = async ({ session, out, json, signal }) => {
  const looks: Record<string, () => Promise<Omit<Check, 'name'>>> = {
    node: async () => checkNode(process.versions.node),
    home: () => checkHome(session),
    'aws cli': () => checkCli(session, signal),
    credentials: () => checkCredentials(session, signal),
    store: () => checkStore(session),
    model: () => checkModel(session, signal),
    server: () => checkServer(session, signal),
  };
  const checks: Check[] = [];
  for (const [name, look] of Object.entries(looks)) {
    signal.throwIfAborted();
    const check = { name, ...(await look().catch(failed)) };
    checks.push(check);
    showCheck(out, check);
  }
  const isWell = checks.every(({ status }) => status !== 'failed');
  if (session.settings.json) json({ healthy: isWell, checks });
  return isWell ? EXIT.ok : EXIT.environment;
};

function showCheck(out: Screen, { name, status, detail, advice }: Check): void {
  const mark = {
    ok: out.color.green('ok     '),
    warning: out.color.yellow('warning'),
    failed: out.color.red('failed '),
  }[status];
  out.line(`${mark}  ${name.padEnd(12)}${detail}`);
  if (advice !== undefined) out.line(`${' '.repeat(21)}${advice}`);
}

function failed(error: unknown): Omit<Check, 'name'> {
  const { message, advice } = failureOf(error);
  return { status: 'failed', detail: message, advice };
}

/** Whether a version of Node is new enough. */
export function checkNode(version: string): Omit<Check, 'name'> {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return isEnough
    ? { status: 'ok', detail: version }
    : {
        status: 'failed',
        detail: version,
        advice: `Install Node ${OLDEST_NODE.join('.')} or newer.`,
      };
}

async function checkHome({ settings }: Session): Promise<Omit<Check, 'name'>> {
  await access(settings.home.folder, constants.W_OK | constants.X_OK);
  return { status: 'ok', detail: settings.home.folder };
}

async function checkCli(session: Session, signal: AbortSignal): Promise<Omit<Check, 'name'>> {
  const result = await session.engine.run(
    {
      command: { type: 'exec', program: 'aws', args: ['--version'] },
      timeout_ms: CHECK_TIMEOUT_MS,
      log: false,
    },
    { signal },
  );
  // Version 1 on some Pythons writes it to stderr.
  const version = `${result.stdout}${result.stderr}`.trim().split(/\s+/)[0] ?? '';
  return result.status === 'completed' && version.startsWith('aws-cli/')
    ? { status: 'ok', detail: version }
    : {
        status: 'failed',
        detail: result.error?.message ?? 'it does not answer',
        advice:
          'Install the AWS CLI (https://aws.amazon.com/cli/) and see that "aws" is on the path.',
      };
}

async function checkCredentials(
  session: Session,
  signal: AbortSignal,
): Promise<Omit<Check, 'name'>> {
  const result = await session.engine.run(
    {
      command: {
        type: 'aws_cli',
        service: 'sts',
        operation: 'get-caller-identity',
        query: 'Arn',
        output: 'text',
      },
      timeout_ms: CHECK_TIMEOUT_MS,
      log: false,
    },
    { signal },
  );
  return result.status === 'completed'
    ? { status: 'ok', detail: result.stdout.trim() }
    : {
        status: 'failed',
        detail: result.stderr.trim().split('\n').at(-1) ?? 'AWS does not say who you are',
        advice: 'Run "aws configure", or set AWS_PROFILE or the AWS_… variables.',
      };
}

async function checkStore(session: Session): Promise<Omit<Check, 'name'>> {
  const { estate } = await session.storage();
  const count = await estate.count();
  const detail = `${count} resources in ${session.settings.home.store}`;
  return count === 0
    ? { status: 'warning', detail, advice: 'Fill it with "scan".' }
    : { status: 'ok', detail };
}

async function checkModel(session: Session, signal: AbortSignal): Promise<Omit<Check, 'name'>> {
  const [vector] = await session.embedder.embed(['production database'], { signal });
  return {
    status: 'ok',
    detail: `${session.embedder.model}, ${vector?.length ?? 0} dimensions`,
  };
}

async function checkServer(
  { settings: { server } }: Session,
  signal: AbortSignal,
): Promise<Omit<Check, 'name'>> {
  const none = 'Set CLOUDOPS_SERVER_URL or --server to use "ask".';
  if (server === null) return { status: 'warning', detail: 'not configured', advice: none };
  const url = `${server.url.replace(/\/+$/, '')}/healthz`;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(CHECK_TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    if (response.ok && server.token !== null) return { status: 'ok', detail: server.url };
    return response.ok
      ? {
          status: 'warning',
          detail: `${server.url}, without a token`,
          advice: 'Set CLOUDOPS_SERVER_TOKEN or --token-file.',
        }
      : {
          status: 'failed',
          detail: `${url} answers ${response.status}`,
          advice: 'Check --server: it does not lead to a playbook server.',
        };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      status: 'failed',
      detail: `${server.url}: ${cause instanceof Error ? cause.message : String(cause)}`,
      advice: 'See that the server runs and that --server has its URL.',
    };
  }
}
