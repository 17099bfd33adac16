import { ExecutionError } from 'cloudops-execution-engine';
import { ScanError } from 'cloudops-estate-scanner';
import { RequestError } from 'cloudops-request-builder';
import { StorageError } from 'cloudops-storage-service';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** A failure as it is told: what went wrong, what to do, and how the program ends. */
export interface Failure {
  code: string;
  message: string;
  advice: string;
  exit: ExitCode;
}

const ADVICE: Readonly<Record<string, string>> = {
  CLI_NOT_FOUND:
    'Install the AWS CLI (https://aws.amazon.com/cli/) and see that "aws" is on the path.',
  CONFIGURATION: 'Run "aws configure", or set AWS_PROFILE or the AWS_… variables; then "doctor".',
  ACCOUNT_MISMATCH: 'Use the profile that belongs to that account.',
  EMBEDDER_UNAVAILABLE:
    'Install @huggingface/transformers, or go without meaning: scan --no-embed.',
  IDENTITY_UNKNOWN: 'Run "doctor": AWS did not say who you are.',
  CONNECTION_FAILED: 'See that the server runs and that --server has its URL.',
  TIMEOUT: 'The server took too long; try again later.',
  RETRY_LATER: 'The server is busy; try again later.',
  UNAUTHORIZED: 'Set CLOUDOPS_SERVER_TOKEN to the server’s token.',
  SERVER_PROBLEM: 'See what the server says, and its log.',
  BAD_CONTENT_TYPE: 'The URL does not lead to a playbook server: check --server.',
  APPROVAL_REQUIRED: 'Answer "y" at a terminal, or pass --yes.',
  POLICY_DENIED: 'The policy forbids a step; ask for less.',
  APPROVAL_INVALID: 'Ask again: the approval is not for this playbook.',
  PLAYBOOK_EXPIRED: 'Ask again for a new playbook.',
  KEY_NOT_FOUND: 'Put the key file back, or choose another --home.',
  KEY_WRONG: 'The key does not belong to this store: put the right one back.',
  STORE_BUSY: 'Another program is writing; try again.',
  STORE_TOO_NEW: 'Use the newer version of this program that wrote the store.',
  EMBEDDING_MISMATCH:
    'The store was made with another model: choose another --store and scan again.',
};

const ENVIRONMENT = new Set([
  'CLI_NOT_FOUND',
  'CONFIGURATION',
  'EMBEDDER_UNAVAILABLE',
  'IDENTITY_UNKNOWN',
  'CONNECTION_FAILED',
  'UNAUTHORIZED',
  'BAD_CONTENT_TYPE',
  'KEY_NOT_FOUND',
  'KEY_WRONG',
  'STORE_UNAVAILABLE',
  'ACCESS_DENIED',
  'STORE_TOO_OLD',
  'STORE_TOO_NEW',
]);
const REFUSED = new Set(['POLICY_DENIED', 'APPROVAL_REQUIRED', 'APPROVAL_INVALID']);

/** How anything that was thrown is told to the user. `wasInterrupted`: whether Ctrl-C was pressed before. */
export function failureOf(error: unknown, wasInterrupted = false): Failure {
  if (wasInterrupted) {
    return {
      code: 'INTERRUPTED',
      message: 'Stopped.',
      advice: 'What was done before is kept.',
      exit: EXIT.interrupted,
    };
  }
  if (error instanceof CliError) {
    return {
      code: error.exit.toUpperCase(),
      message: error.message,
      advice: error.advice,
      exit: EXIT[error.exit],
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const exit = REFUSED.has(code)
    ? EXIT.refused
    : ENVIRONMENT.has(code)
      ? EXIT.environment
      : EXIT.failed;
  return { code, message, advice: ADVICE[code] ?? 'Run "doctor" to see what is missing.', exit };
}

function codeOf(error: unknown): string {
  if (
    ScanError.is(error) ||
    StorageError.is(error) ||
    RequestError.is(error) ||
    ExecutionError.is(error)
  ) {
    return error.code;
  }
  return 'UNEXPECTED';
}
