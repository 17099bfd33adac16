import { describeEngine } from '../qdrant/describe-engine.ts';

await describeEngine('1.19.0', '0.8.0');
