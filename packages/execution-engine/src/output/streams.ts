/** The two outputs of a process. */
export type StreamName = 'stdout' | 'stderr';
