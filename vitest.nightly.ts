import { workspaceTests } from './tooling/vitest.ts';

export default workspaceTests('nightly', ['nightly/**/*.test.ts'], 1_800_000);
