import { describeEngine } from '../qdrant/describe-engine.ts';

await describeEngine('1.18.0', '0.7.2');
