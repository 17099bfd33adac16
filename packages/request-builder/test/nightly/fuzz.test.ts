import { describeReplies } from '../fuzz/replies.ts';

// A few thousand of each run in test/unit.
describeReplies(100_000);
