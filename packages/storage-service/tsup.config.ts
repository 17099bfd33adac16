import { packageConfig } from '../../tooling/tsup.ts';

export default packageConfig({
  entries: { index: 'src/index.ts', testing: 'src/testing/index.ts' },
  workers: { 'storage-worker': 'src/backends/embedded/storage-worker.ts' },
});
