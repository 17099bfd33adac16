import { EXIT, failureOf, type Failure } from 'cloudops-example-cli';
import { FakeAwsError } from 'cloudops-fake-aws';

/** How a failure of the demo is told, with what to do. */
export function demoFailureOf(error: unknown, wasInterrupted: boolean): Failure {
  if (!wasInterrupted && error instanceof FakeAwsError) {
    const isUsage = error.code === 'INVALID_OPTION';
    return {
      code: error.code,
      message: error.message,
      advice: isUsage
        ? 'Choose other --resources or --regions.'
        : 'The fake AWS account did not start: mend that and run the demo again, or use your own account with --real.',
      exit: isUsage ? EXIT.usage : EXIT.environment,
    };
  }
  const failure = failureOf(error, wasInterrupted);
  if (wasInterrupted)
    return { ...failure, advice: 'Nothing is left of it, neither processes nor files.' };
  return failure.code === 'UNEXPECTED'
    ? {
        ...failure,
        advice: 'Run the demo again; if it fails again, report it with the message above.',
      }
    : failure;
}
