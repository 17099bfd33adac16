import { run } from './program.ts';

// The runtime under the embedder sends usage data to its maker, and leaves files of its own in the temporary folder, unless told otherwise.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
process.exitCode = await run(process.argv.slice(2), process.env);
