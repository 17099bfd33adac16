/**
 * What can go wrong with the fake itself. Errors that the fake *answers* as AWS would are not among these.
 *
 * - `PYTHON_MISSING`: no `python3` on the path, and moto or the AWS CLI has to be installed.
 * - `VENV_FAILED`: `python3 -m venv` does not work (Debian keeps it in a package of its own).
 * - `INSTALL_FAILED`: pip could not install the pinned requirements.
 * - `START_FAILED`: moto ended or said nothing before it was ready.
 * - `SEED_FAILED`: moto refused a call of the seed, or holds something else than was asked for.
 * - `INVALID_OPTION`: an option or a fault rule makes no sense; the message names it.
 */
export type FakeAwsErrorCode =
  | 'PYTHON_MISSING'
  | 'VENV_FAILED'
  | 'INSTALL_FAILED'
  | 'START_FAILED'
  | 'SEED_FAILED'
  | 'INVALID_OPTION';

/** The one error class of this package; the message says what to do. */
export class FakeAwsError extends Error {
  override readonly name = 'FakeAwsError';
  readonly code: FakeAwsErrorCode;

  constructor(code: FakeAwsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
