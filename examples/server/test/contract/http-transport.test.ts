import { httpTransport } from 'cloudops-request-builder';
import { describeTransport } from '../../../../packages/request-builder/test/contract/transport-contract.ts';
import { createServer } from '../../src/index.ts';

const TOKEN = 'a-test-token';

// The server of the examples stands for any: what it and the planner in one process have in common is the contract.
describeTransport('over HTTP', async (planner) => {
  const server = await createServer({ planner, token: TOKEN, streamAfterMs: 20 });
  return {
    transport: httpTransport({ url: server.url, token: TOKEN, retry: { maxRetries: 0 } }),
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await server.close();
    },
  };
});
