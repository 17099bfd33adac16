import { packageConfig } from '../../tooling/tsup.ts';

export default packageConfig({
  entries: { index: 'src/index.ts' },
  workers: { 'engine-keeper': 'src/keeper/engine-keeper.ts' },
});
