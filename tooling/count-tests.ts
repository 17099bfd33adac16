import { sumResults } from './test-results.ts';

/** Prints one line that counts the tests of the runs named as arguments. */
const { passed, failed, skipped } = sumResults(process.argv.slice(2));
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || passed === 0) process.exitCode = 1;
