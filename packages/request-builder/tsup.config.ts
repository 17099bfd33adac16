import { packageConfig } from '../../tooling/tsup.ts';

export default packageConfig({ entries: { index: 'src/index.ts', protocol: 'src/protocol.ts' } });
