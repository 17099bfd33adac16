/** What a command becomes: a program and its arguments, never a string for a shell to take apart. */
export interface Invocation {
  /** A path, or a name that is looked up in `PATH`. */
  program: string;
  args: string[];
  /** Variables that this kind of command wants, below the request's own. */
  env: Record<string, string>;
  /** It is the AWS CLI, and need not be started anew. */
  warmCli?: boolean;
  /** A folder that was made for this run, such as that of an inline script. */
  temporary?: string;
}

/** What the commands need to know of the engine and the request. */
export interface CommandContext {
  awsCli: AwsCliOptions;
  /** Where relative paths start. */
  workingDir: string;
}

/** How the AWS CLI is run: trusted configuration of the host, not of a request. */
export interface AwsCliOptions {
  /** The program; default `aws`. */
  binary: string;
  /** Goes to every call as `--endpoint-url`; null for AWS itself. */
  endpointUrl: string | null;
  /** Variables for every call, below the request's own `env`. */
  env: Readonly<Record<string, string>>;
  /**
   * `auto` (default): calls are forks of a process that has the CLI loaded, wherever that does the same; a tenth of the time.
   * `off`: each call is a process of its own.
   */
  warmCli?: 'auto' | 'off' | undefined;
}
