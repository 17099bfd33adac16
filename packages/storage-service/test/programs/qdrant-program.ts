/** A stand-in for the program `qdrant`: reads the same variables, serves the stand-in's API on the port that it is given. */
import { createServer, request as httpRequest } from 'node:http';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';

const { env } = process;
if (env['QDRANT__TELEMETRY_DISABLED'] !== 'true') throw new Error('Telemetry is on.');
const standIn = await startQdrantStandIn({ apiKey: env['QDRANT__SERVICE__API_KEY'] ?? 'none' });
createServer((request, response) => {
  if (request.url === '/readyz') {
    response.end('ready');
    return;
  }
  const target = `${standIn.url}${request.url}`;
  const { method, headers } = request;
  request.pipe(
    httpRequest(target, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    }),
  );
}).listen(Number(env['QDRANT__SERVICE__HTTP_PORT']), env['QDRANT__SERVICE__HOST']);
