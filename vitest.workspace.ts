import { workspaceTests } from './tooling/vitest.ts';

export default workspaceTests('test', [
  'unit/**/*.test.ts',
  'contract/**/*.test.ts',
  'integration/**/*.test.ts',
]);
