/** Which way a call of the AWS CLI was started: by the warm one, or as a process of its own, and why. */
export type LaunchWay = { warm: true } | { warm: false; reason: string };
