import { StorageError } from '../errors.ts';
import type { RetentionPolicy } from './retention.ts';
import type { FolderTargetConfig, S3TargetConfig } from './target.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const variable = (name: string) => `CLOUDOPS_STORAGE_BACKUP_${name}`;
const targetVariables = ['FOLDER', 'BUCKET'] as const;
const bucketVariables = ['PREFIX', 'REGION', 'ENDPOINT', 'PATH_STYLE', 'CHECKSUMS'] as const;
const otherVariables = ['RETENTION', 'SCHEDULE'] as const;

/**
 * The `backup` option that the variables `CLOUDOPS_STORAGE_BACKUP_…` describe; null where none is set. An empty one is one that is not
 * set.
 *
 * @throws StorageError `INVALID_INPUT` naming the variable
 */
export function backupFromEnv(environment: Environment): {
  target: S3TargetConfig | FolderTargetConfig;
  retention?: RetentionPolicy;
  schedule?: string;
} | null {
  const read = (name: string) => environment[variable(name)] || undefined;
  const isSet = (name: string) => read(name) !== undefined;
  const target = targetFrom(read);
  if (target?.kind !== 's3') refuse(bucketVariables.find(isSet), 'needs', 'BUCKET');
  if (target === null) {
    refuse(otherVariables.find(isSet), 'needs', targetVariables.join(' or '));
    return null;
  }
  const schedule = read('SCHEDULE');
  const retention = read('RETENTION');
  return {
    target,
    ...(retention === undefined ? {} : { retention: retentionFrom(retention) }),
    ...(schedule === undefined ? {} : { schedule }),
  };
}

function targetFrom(
  read: (name: string) => string | undefined,
): S3TargetConfig | FolderTargetConfig | null {
  const [path, bucket] = [read('FOLDER'), read('BUCKET')];
  if (path !== undefined) {
    if (bucket !== undefined) refuse('FOLDER', 'excludes', 'BUCKET');
    return { kind: 'folder', path };
  }
  if (bucket === undefined) return null;
  const [prefix, region, endpoint] = [read('PREFIX'), read('REGION'), read('ENDPOINT')];
  const pathStyle = oneOf('PATH_STYLE', read('PATH_STYLE'), ['true', 'false']);
  const checksums = oneOf('CHECKSUMS', read('CHECKSUMS'), ['WHEN_SUPPORTED', 'WHEN_REQUIRED']);
  return {
    kind: 's3',
    bucket,
    ...(prefix === undefined ? {} : { prefix }),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(pathStyle === undefined ? {} : { forcePathStyle: pathStyle === 'true' }),
    ...(checksums === undefined ? {} : { checksums }),
  };
}

/** `keep_last=3,daily=7`: each rule once at most. */
function retentionFrom(text: string): RetentionPolicy {
  const policy: RetentionPolicy = {};
  for (const rule of text.split(',')) {
    const [, name, count] =
      /^\s*(keep_last|daily|weekly|monthly)\s*=\s*(\d{1,6})\s*$/u.exec(rule) ?? [];
    if (!isRule(name) || policy[name] !== undefined) {
      throw invalid('RETENTION', 'expected rules like keep_last=3,daily=7,weekly=4,monthly=6');
    }
    policy[name] = Number(count);
  }
  return policy;
}

function isRule(name: string | undefined): name is keyof RetentionPolicy {
  return name !== undefined;
}

function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  values: readonly T[],
): T | undefined {
  const value = values.find((candidate) => candidate === text);
  if (text !== undefined && value === undefined) {
    throw invalid(name, `expected ${values.join(' or ')}`);
  }
  return value;
}

function refuse(name: string | undefined, relation: 'needs' | 'excludes', other: string): void {
  if (name !== undefined) throw invalid(name, `${relation} ${variable(other)}`);
}

function invalid(name: string, problem: string): StorageError {
  return new StorageError('INVALID_INPUT', `${variable(name)}: ${problem}`);
}
