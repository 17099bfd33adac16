import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { ensureAwsTools } from 'cloudops-fake-aws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExecutionEngine, ExecutionRequest } from '../../src/index.ts';
import { fixture, temporaryFolder, testEngine } from '../engine.ts';
import { cliProgram, outcomeOf, warmUp, wasWarm } from '../warm.ts';

// Whom a call trusts is the same whichever way it is made.

const cli = await cliProgram();
const title = typeof cli === 'string' ? `(left out: ${cli})` : '';

const ANSWER =
  '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';

let server: Server;
let endpoint: string;

beforeAll(async () => {
  const pem = await readFile(fixture('localhost.pem'), 'utf8');
  server = createServer({ key: pem, cert: pem }, (_, response) => response.end(ANSWER));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = `https://localhost:${typeof address === 'object' ? address?.port : ''}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A package in place of the one that holds the authorities which are trusted by default. */
async function writeAuthorities(folder: string, pem: string): Promise<void> {
  await mkdir(join(folder, 'certifi'), { recursive: true });
  const file = join(folder, 'certifi', 'cacert.pem');
  await writeFile(
    join(folder, 'certifi', '__init__.py'),
    `def where(): return ${JSON.stringify(file)}\n`,
  );
  await writeFile(file, pem);
}

const OTHERS = rootCertificates[0] ?? '';

/** Two engines in a place where these authorities are trusted by default, and a call of theirs. */
async function place(authorities: string) {
  const folder = await temporaryFolder();
  await writeAuthorities(folder, authorities);
  const { aws: binary } = await ensureAwsTools();
  const engine = (warmCli: 'auto' | 'off') =>
    testEngine({
      logDir: join(folder, 'logs'),
      awsCli: { binary, endpointUrl: endpoint, warmCli },
    });
  const [plain, warm] = [await engine('off'), await engine('auto')];
  const call = (args: string[] = [], env: Record<string, string> = {}): ExecutionRequest => ({
    command: {
      type: 'aws_cli',
      service: 'sts',
      operation: 'get-caller-identity',
      query: 'Account',
      region: 'eu-west-1',
      args,
    },
    // Without what this machine trusts by its environment.
    inherit_env: false,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      PYTHONPATH: folder,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_MAX_ATTEMPTS: '1',
      ...env,
    },
  });
  await warmUp(warm, call());
  return { folder, plain, warm, call };
}

async function same(plain: ExecutionEngine, warm: ExecutionEngine, request: ExecutionRequest) {
  const [one, other] = await Promise.all([plain.run(request), warm.run(request)]);
  expect(outcomeOf(other)).toEqual(outcomeOf(one));
  expect(await wasWarm(warm, other.id)).toBe(true);
  return one.stdout + one.stderr;
}

const REFUSED = /SSL validation failed .*certificate verify failed/u;

it.skipIf(typeof cli === 'string')(
  `trusts whom a process of its own would trust by default, also after that was changed ${title}`,
  async () => {
    const { folder, plain, warm, call } = await place(
      await readFile(fixture('localhost.pem'), 'utf8'),
    );
    expect(await same(plain, warm, call())).toBe('"1"\n');
    await writeAuthorities(folder, OTHERS);
    expect(await same(plain, warm, call())).toMatch(REFUSED);
  },
);

it.skipIf(typeof cli === 'string')(
  `trusts nobody else, unless a call names them ${title}`,
  async () => {
    const { plain, warm, call } = await place(OTHERS);
    const bundle = fixture('localhost.pem');
    expect(await same(plain, warm, call())).toMatch(REFUSED);
    expect(await same(plain, warm, call([], { AWS_CA_BUNDLE: bundle }))).toBe('"1"\n');
    expect(await same(plain, warm, call([], { REQUESTS_CA_BUNDLE: bundle }))).toBe('"1"\n');
    expect(await same(plain, warm, call(['--ca-bundle', bundle]))).toBe('"1"\n');
    expect(await same(plain, warm, call(['--no-verify-ssl']))).toContain('"1"\n');
    expect(await same(plain, warm, call([], { AWS_CA_BUNDLE: '/none' }))).toMatch(/No such file/u);
  },
);
