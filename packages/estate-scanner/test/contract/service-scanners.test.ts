import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moreScanners } from '../../src/more-scanners.ts';
import type { CommandRunner } from '../../src/ports.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import { describeServiceScanner } from '../../src/testing.ts';
import { type FakeEstate, awsCall, startFakeEstate } from '../support/fake-estate.ts';
import { addFunctionParts } from '../support/function-parts.ts';
import { createManyServices, secretValue } from '../support/many-services.ts';

const region = 'eu-west-1';
let estate: FakeEstate;

beforeAll(async () => {
  estate = await startFakeEstate();
  await estate.aws.seedEstate({ resources: 30, regions: [region] });
  const functions = await awsCall(estate.engine, region, 'lambda', 'list-functions', {});
  const name = /"FunctionName":"([^"]+)"/u.exec(JSON.stringify(functions))?.[1] ?? '';
  await Promise.all([
    createManyServices(estate, region),
    addFunctionParts(estate, region, name),
    awsCall(estate.engine, region, 'rds', 'create-db-snapshot', {
      DBInstanceIdentifier: await firstDatabase(),
      DBSnapshotIdentifier: 'before-the-change',
    }),
  ]);
}, 300_000);
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
});

async function firstDatabase(): Promise<string> {
  const found = await awsCall(estate.engine, region, 'rds', 'describe-db-instances', {});
  return /"DBInstanceIdentifier":"([^"]+)"/u.exec(JSON.stringify(found))?.[1] ?? '';
}

/** Who the caller is, and what the account is called, never changes here: asked once, it costs the suite a minute less. */
const answers = new Map<string, ReturnType<CommandRunner['run']>>();
const unchanging = new Set(['get-caller-identity', 'list-account-aliases']);
const runner: CommandRunner = {
  run(request, options) {
    const { operation } = request.command;
    if (!unchanging.has(operation)) return estate.engine.run(request, options);
    const answer = answers.get(operation) ?? estate.engine.run(request, options);
    answers.set(operation, answer);
    return answer;
  },
};

/** moto has the databases of these services under calls of their own only. */
const absent: Readonly<Record<string, readonly string[]>> = {
  rds: ['neptune:db', 'neptune:cluster', 'docdb:db', 'docdb:cluster'],
};
/** `not-a-secret` stands in the environment and the passwords of everything that is seeded. */
const secrets = [secretValue, 'not-a-secret', Buffer.from(secretValue).toString('base64')];

for (const scanner of [...ServiceScannerRegistry.builtIn().list(), ...moreScanners]) {
  describeServiceScanner(
    { describe, it, expect },
    {
      scanner,
      engine: () => runner,
      region,
      secrets,
      absent: absent[scanner.service] ?? [],
    },
  );
}
