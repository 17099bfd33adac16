/** An error that IAM itself would answer; it goes over the wire, not to a caller in this process. */
export class IamError extends Error {
  override readonly name = 'IamError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
