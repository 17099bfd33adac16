import { writeSync } from 'node:fs';
import { Keeper } from './keeper.ts';
import type { KeeperConfig } from './protocol.ts';

// The program that `process/kept.ts` starts: a keeper, configured by its one argument. It says when it is ready on its
// standard output, and writes what goes wrong to its standard error, a file beside its spools.
const config: KeeperConfig = JSON.parse(process.argv[2] ?? '{}');
const keeper = new Keeper(config);
// The host's terminal is not ours: it ends us by its connection, not by signals meant for its group.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
keeper.listen().then(
  () => writeSync(1, 'ready\n'),
  (error: unknown) => {
    writeSync(2, `${String(error)}\n`);
    process.exitCode = 1;
  },
);
