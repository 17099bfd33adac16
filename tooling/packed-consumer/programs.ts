import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './run.ts';

/** How a program loads its modules. */
export type Format = 'esm' | 'cjs';

/** A small program of the application: what it imports, by specifier, and what it then does. */
export interface Program {
  name: string;
  imports: Readonly<Record<string, readonly string[]>>;
  /** The body of an async function; throws where something is wrong, returns what is printed. */
  body: string;
}

/**
 * Runs a program in the application with the Node that runs this script.
 *
 * @returns its last line: Node 22 itself warns that node:sqlite is experimental
 */
export async function runProgram(app: string, format: Format, program: Program): Promise<string> {
  const file = join(app, `${program.name}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const lines = Object.entries(program.imports).map(([specifier, names]) =>
    format === 'esm'
      ? `import { ${names.join(', ')} } from '${specifier}';`
      : `const { ${names.join(', ')} } = require('${specifier}');`,
  );
  const text = `${lines.join('\n')}
async function main() {
${program.body}
}
main().then((note) => console.log(note), (error) => { console.error(error); process.exitCode = 1; });
`;
  await writeFile(file, text);
  const output = await mustRun(process.execPath, [file], app);
  return output.trim().split('\n').at(-1) ?? '';
}

/** Imports every specifier and prints the names that each exports. */
export function exportsProgram(specifiers: readonly string[]): Program {
  const body = `
    const found = {};
    for (const specifier of ${JSON.stringify(specifiers)}) {
      const loaded = typeof require === 'function' ? require(specifier) : await import(specifier);
      found[specifier] = Object.keys(loaded).filter((name) => !['default', 'module.exports'].includes(name)).sort();
      if (found[specifier].length === 0) throw new Error(specifier + ' exports nothing');
    }
    return JSON.stringify(found);`;
  return { name: 'exports', imports: {}, body };
}

/** The engine runs `echo`, and what looks like a variable stays as it is. */
export const engineProgram: Program = {
  name: 'engine',
  imports: { 'node:path': ['join'], 'cloudops-execution-engine': ['ExecutionEngine'] },
  body: `
    const engine = new ExecutionEngine({ logDir: join(process.cwd(), 'logs') });
    const command = { type: 'exec', program: 'echo', args: ['hello', '$HOME'] };
    const result = await engine.run({ command });
    await engine.close();
    if (result.stdout.trim() !== 'hello $HOME') throw new Error(JSON.stringify(result));
    return 'echo said ' + result.stdout.trim();`,
};

/** Storage opens an embedded file, keeps a message, and finds it again when the file is opened a second time. */
export const storageProgram: Program = {
  name: 'storage',
  imports: {
    'node:path': ['join', 'extname'],
    'cloudops-storage-service': ['StorageService', 'noEncryption'],
  },
  body: `
    const path = join(process.cwd(), 'estate' + extname(process.argv[1]) + '.db');
    const options = { backend: { kind: 'embedded', path }, keys: noEncryption() };
    const first = await StorageService.open(options);
    await first.chat.append({ conversation_id: 'c', role: 'user', content: 'hello' });
    await first.close();
    const second = await StorageService.open(options);
    const messages = await second.chat.recent('c', { limit: 5 });
    await second.close();
    if (messages.length !== 1 || messages[0].content !== 'hello') throw new Error(JSON.stringify(messages));
    return 'kept and found a message';`,
};

/** The scanner says what is missing where there is no AWS CLI. */
export const scannerProgram: Program = {
  name: 'scanner',
  imports: {
    'node:path': ['join'],
    'cloudops-execution-engine': ['ExecutionEngine'],
    'cloudops-estate-scanner': ['EstateScanner', 'ScanError'],
  },
  body: `
    const awsCli = { binary: join(process.cwd(), 'no-such-aws') };
    const engine = new ExecutionEngine({ logDir: join(process.cwd(), 'logs'), awsCli });
    const error = await new EstateScanner({ engine }).scan().then(() => null, (error) => error);
    await engine.close();
    if (!ScanError.is(error) || error.code !== 'CLI_NOT_FOUND') throw new Error('expected CLI_NOT_FOUND', { cause: error });
    return error.code;`,
};

/** The builder asks a planner in the same process and previews its playbook; the class of a step comes from IAM's data. */
export const builderProgram: Program = {
  name: 'builder',
  imports: {
    'node:path': ['join'],
    'cloudops-execution-engine': ['ExecutionEngine'],
    'cloudops-storage-service': ['StorageService', 'noEncryption'],
    'cloudops-request-builder': ['RequestBuilder', 'inProcessTransport'],
    'cloudops-request-builder/protocol': ['contextDigest'],
  },
  body: `
    const engine = new ExecutionEngine({ logDir: join(process.cwd(), 'logs') });
    const backend = { kind: 'embedded', path: ':memory:' };
    const storage = await StorageService.open({ backend, keys: noEncryption() });
    const parameters = { InstanceIds: ['i-0123456789abcdef0'] };
    const command = { type: 'aws_cli', service: 'ec2', operation: 'terminate-instances', parameters, region: 'eu-west-1' };
    const planner = {
      plan: async (request) => ({
        schema: 'playbook/v1',
        playbook_id: 'playbook-1',
        request_id: request.request_id,
        context_digest: contextDigest(request),
        target: request.target,
        summary: 'Ends a server.',
        expires_at: new Date(Date.now() + 600000).toISOString(),
        strategy: { type: 'serial' },
        steps: [{ id: 'end', title: 'End it', command }],
      }),
    };
    const target = { partition: 'aws', account_id: '123456789012', regions: ['eu-west-1'] };
    const builder = new RequestBuilder({ storage, engine, transport: inProcessTransport(planner), target });
    const answer = await builder.send(await builder.build({ message: 'end it', conversation_id: 'c' }));
    const preview = await builder.preview(answer.playbook);
    await storage.close();
    await engine.close();
    const [step] = preview.steps;
    if (step.risk !== 'destructive') throw new Error(JSON.stringify(step));
    return 'terminate-instances is ' + step.risk;`,
};

/** The embedder works, with the model from the tarball. */
export const embedderProgram: Program = {
  name: 'embedder',
  imports: { 'cloudops-estate-scanner/embedder': ['MiniLmEmbedder'] },
  body: `
    const embedder = new MiniLmEmbedder();
    const [a, b, c] = await embedder.embed(['a happy person', 'a very happy person', 'disk usage in MB']);
    await embedder.close();
    const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
    if (!(a.length === 384 && dot(a, b) > 0.8 && dot(a, c) < 0.4)) throw new Error([dot(a, b), dot(a, c)].join());
    return 'like texts ' + dot(a, b).toFixed(2) + ', unlike texts ' + dot(a, c).toFixed(2);`,
};

/** Without the optional dependency the embedder says what to install. */
export const embedderMissingProgram: Program = {
  name: 'embedder-missing',
  imports: { 'cloudops-estate-scanner/embedder': ['MiniLmEmbedder'] },
  body: `
    const error = await new MiniLmEmbedder().embed(['x']).then(() => null, (error) => error);
    const says = error?.code === 'EMBEDDER_UNAVAILABLE' && error.message.includes('npm install @huggingface/transformers');
    if (!says) throw new Error('expected EMBEDDER_UNAVAILABLE', { cause: error });
    return error.code;`,
};
