import { describeReplies } from '../fuzz/replies.ts';

// A hundred thousand of each run in test/nightly.
describeReplies(2000);
