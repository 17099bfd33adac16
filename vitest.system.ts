import { workspaceTests } from './tooling/vitest.ts';

export default workspaceTests(['system/**/*.test.ts'], 120_000);
