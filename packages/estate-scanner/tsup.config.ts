import { packageConfig } from '../../tooling/tsup.ts';

export default packageConfig({
  entries: {
    index: 'src/index.ts',
    plugin: 'src/plugin.ts',
    embedder: 'src/embedding/minilm.ts',
    scanners: 'src/more-scanners.ts',
    testing: 'src/testing.ts',
  },
  workers: { 'embedding-worker': 'src/embedding/embedding-worker.ts' },
});
