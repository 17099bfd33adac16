import { randomBytes } from 'node:crypto';
import { RulePlanner } from './planner/rule-planner.ts';
import { createServer } from './server.ts';

// CLOUDOPS_SERVER_PORT, CLOUDOPS_SERVER_HOST, CLOUDOPS_SERVER_TOKEN; without a token one is made for this run.
const token = process.env['CLOUDOPS_SERVER_TOKEN'] ?? randomBytes(24).toString('base64url');
const port = Number(process.env['CLOUDOPS_SERVER_PORT'] ?? 8787);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error('CLOUDOPS_SERVER_PORT must be a port from 0 to 65535.');
  process.exit(2);
}
try {
  const server = await createServer({
    planner: new RulePlanner(),
    token,
    port,
    host: process.env['CLOUDOPS_SERVER_HOST'] ?? '127.0.0.1',
  });
  console.log(`Listening on ${server.url}`);
  if (process.env['CLOUDOPS_SERVER_TOKEN'] === undefined) {
    console.log(`Token of this run: ${token}`);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void server.close());
  }
} catch (error) {
  console.error(
    `The server did not start: ${error instanceof Error ? error.message : String(error)}`,
  );
  console.error('Choose another port with CLOUDOPS_SERVER_PORT, or another CLOUDOPS_SERVER_TOKEN.');
  process.exit(1);
}
