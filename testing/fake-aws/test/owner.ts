import { startFakeAws } from '../src/index.ts';

// Started by a test that kills it: says which moto it owns, and never closes it.
const aws = await startFakeAws();
process.stdout.write(`${JSON.stringify({ motoPid: aws.motoPid })}\n`);
