import { workspaceTests } from './tooling/vitest.ts';

export default workspaceTests('system', ['system/**/*.test.ts'], 120_000);
