import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startFakeAws, type FakeAws } from 'cloudops-fake-aws';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { docBlocks, outputMatches, type DocBlock } from '../../doc-blocks.ts';
import { documents, ownerOf } from '../../documents.ts';
import { root } from '../../source-files.ts';

const blocks = documents().flatMap((file) => docBlocks(file, join(root, file)));
const programs = blocks.filter((block) => block.language === 'ts');

/** A program has to live in a package to import it by name. */
const programPath = (block: DocBlock): string => {
  const name = `${block.file.replace(/[^a-zA-Z0-9]+/g, '-')}-${block.line}.ts`;
  return join(root, ownerOf(block.file), '.doc-blocks', `${process.pid}-${name}`);
};

interface Ended {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

const run = (program: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> =>
  new Promise((resolve) => {
    const argv = ['--conditions=cloudops-source', program];
    const options = { cwd, env, timeout: 120_000, killSignal: 'SIGKILL' } as const;
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? null), stdout, stderr });
    });
  });

let aws: FakeAws;
let scratch: string;

beforeAll(async () => {
  for (const block of programs) {
    mkdirSync(dirname(programPath(block)), { recursive: true });
    writeFileSync(programPath(block), block.code);
  }
  scratch = mkdtempSync(join(tmpdir(), 'cloudops-docs-'));
  aws = await startFakeAws();
  await aws.seedEstate({ resources: 40, regions: ['eu-west-1'], seed: 1 });
});

afterAll(async () => {
  for (const block of programs) rmSync(programPath(block), { force: true });
  rmSync(scratch, { recursive: true, force: true });
  await aws.close();
});

const title = ({ file, line }: DocBlock): string => `${file}:${line}`;

describe('every ts block in the documentation', () => {
  test('compiles under the rules of the workspace', () => {
    const config = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) =>
      readFileSync(path, 'utf8'),
    );
    const { options } = ts.convertCompilerOptionsFromJson(
      z.object({ compilerOptions: z.unknown() }).parse(config.config).compilerOptions,
      root,
    );
    const program = ts.createProgram(programs.map(programPath), options);
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) =>
          `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    expect(problems).toEqual([]);
  });

  test.each(programs.map((block) => ({ title: title(block), block })))(
    '$title runs',
    async ({ block }) => {
      const cwd = mkdtempSync(join(scratch, 'block-'));
      const env = {
        ...process.env,
        ...aws.env,
        PATH: `${dirname(aws.awsBinary)}${delimiter}${process.env['PATH'] ?? ''}`,
        HOME: cwd,
        TMPDIR: cwd,
        CLOUDOPS_HOME: cwd,
        NO_COLOR: '1',
      };
      const ended = await run(programPath(block), cwd, env);
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      if (block.output === undefined) return;
      expect(
        outputMatches(block.output, ended.stdout),
        `documented:\n${block.output}\nprinted:\n${ended.stdout}`,
      ).toBe(true);
    },
  );
});

describe('every other block in the documentation', () => {
  const Manifest = z.object({ scripts: z.record(z.string(), z.string()) });
  const { scripts } = Manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const isKnown = (line: string): boolean => {
    if (/^(npm|pnpm) (install|add|i) [\w@/. -]+$/.test(line)) return true;
    const script = /^(?:npx --yes pnpm@12|pnpm) (?:run )?([\w:]+)/.exec(line)?.[1];
    return script !== undefined && (script in scripts || script === 'exec' || script === 'install');
  };

  const parses = (code: string): boolean => {
    try {
      JSON.parse(code);
      return true;
    } catch {
      return false;
    }
  };

  test('is JSON that parses', () => {
    const json = blocks.filter(({ language }) => language === 'json');
    expect(json.filter(({ code }) => !parses(code)).map(title)).toEqual([]);
  });

  test('is a shell line that installs, or that runs a script of the workspace', () => {
    const lines = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap((block) => block.code.split('\n').map((line) => ({ line, at: title(block) })));
    const unknown = lines.filter(
      ({ line }) => line.trim() !== '' && !line.startsWith('#') && !isKnown(line),
    );
    expect(unknown).toEqual([]);
  });

  test('has a language, so that it is known what to do with it', () => {
    expect(blocks.filter((block) => block.language === '').map(title)).toEqual([]);
  });

  test('links to files that exist', () => {
    const broken = documents().flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const targets = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
        (match) => match[1] ?? '',
      );
      return targets
        .filter((target) => !existsSync(join(root, dirname(file), target)))
        .map((target) => `${file} → ${target}`);
    });
    expect(broken).toEqual([]);
  });
});
