import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandRunner, EstateScanner, type ScanReport } from 'cloudops-estate-scanner';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { type FakeAws, startFakeAws } from 'cloudops-fake-aws';
import { noEncryption, StorageService } from 'cloudops-storage-service';

/** Between the AWS CLI and its endpoint, as over the internet. */
export const LATENCY_MS = 50;
export const usedRegions = ['eu-west-1', 'us-east-1', 'eu-central-1', 'ap-southeast-2'];

export type Command = Parameters<CommandRunner['run']>[0]['command'];

/** A fake account of 1,000 resources in 4 of its 17 regions. Policies are evaluated by the fake, in this process. */
export async function openAccount(): Promise<FakeAws> {
  const aws = await startFakeAws();
  const seeded = await aws.seedEstate({ resources: 1000, regions: usedRegions });
  console.log(`${seeded.total} resources seeded in ${usedRegions.join(', ')}`);
  aws.faults.add({ kind: 'latency', latencyMs: LATENCY_MS });
  return aws;
}

/** A scanner of the account with everything behind it: engine, model, a store in memory. */
export interface Bench extends AsyncDisposable {
  engine: ExecutionEngine;
  scan(regions?: string[]): Promise<ScanReport>;
  /** What the scans have run so far. */
  commands: Command[];
}

/** What a bench has of all that a scanner may have. */
export interface Parts {
  warmCli: 'auto' | 'off';
  /** Default: permissions and vectors too. */
  discoverOnly?: boolean;
}

export async function openBench(
  aws: FakeAws,
  { warmCli, discoverOnly = false }: Parts,
): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudops-bench-'));
  const { awsBinary: binary, endpointUrl, env } = aws;
  const engine = new ExecutionEngine({
    logDir: folder,
    awsCli: { binary, endpointUrl, env, warmCli },
  });
  const embedder = new MiniLmEmbedder();
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path: join(folder, 'estate.db') },
    keys: noEncryption(),
  });
  const commands: Command[] = [];
  const runner: CommandRunner = {
    run(request, options) {
      commands.push(request.command);
      return engine.run(request, options);
    },
  };
  const credentials = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
  const scanner = new EstateScanner({
    engine: runner,
    store: storage.estate,
    ...(discoverOnly
      ? { iam: false as const }
      : { embedder, iam: { endpoint: endpointUrl, credentials } }),
  });
  return {
    engine,
    commands,
    scan: (regions) => scanner.scan(regions ? { regions } : {}),
    async [Symbol.asyncDispose]() {
      await engine.close({ mode: 'kill' });
      await embedder.close();
      await storage.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
