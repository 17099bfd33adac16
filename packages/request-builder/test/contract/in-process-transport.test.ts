import { inProcessTransport } from '../../src/index.ts';
import { describeTransport } from './transport-contract.ts';

describeTransport('in this process', async (planner) => ({
  transport: inProcessTransport(planner),
  [Symbol.asyncDispose]: async () => {},
}));
