/** What the program ends with. */
export const EXIT = {
  ok: 0,
  /** A command, a playbook or a scan failed, in whole or in part. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Something is missing on this machine: credentials, the AWS CLI, a store, a server. */
  environment: 3,
  /** Nothing ran, because it was not approved or the policy forbids it. */
  refused: 4,
  /** Ended by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
