import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureAwsTools } from './tools.ts';

/** An operation of the installed AWS CLI, as its service model describes it. */
export interface CliOperation {
  /** The CLI's names: `ec2`, `describe-instances`. */
  service: string;
  operation: string;
  /** HTTP method of the API call. */
  method: string;
  /** The model says that it only reads; false also where it says nothing. */
  readonly: boolean;
}

/** Every operation that the installed AWS CLI knows (18,347 in 1.45), without the commands that are its own, such as `s3 cp`. */
export async function cliOperations(): Promise<CliOperation[]> {
  const { python } = await ensureAwsTools();
  const script = fileURLToPath(new URL('./cli-operations.py', import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script], { maxBuffer: 64 * 1024 * 1024 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [service = '', operation = '', method = '', reads] = line.split('\t');
      return { service, operation, method, readonly: reads === 'reads' };
    });
}
