import type { ExitCode } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import type { Screen } from '../terminal/screen.ts';

/** What a command gets beside its own options. */
export interface CommandContext {
  session: Session;
  /** Results for people; silent with `--json`. */
  out: Screen;
  /** Progress and remarks, on stderr. */
  notes: Screen;
  /** Prints the result of `--json`: one JSON document on stdout. */
  json: (document: unknown) => void;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** A command: does its work, writes to the screens, says how the program ends. */
export type Command<Options> = (context: CommandContext, options: Options) => Promise<ExitCode>;
