import type { EXIT } from './exit-codes.ts';

/** Something the user can do something about. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: keyof typeof EXIT;
  /** What to do, as a sentence. */
  readonly advice: string;

  constructor(exit: keyof typeof EXIT, message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.exit = exit;
    this.advice = advice;
  }
}
