import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { StorageError } from '../errors.ts';
import type { BackupTarget, S3TargetConfig } from './target.ts';

/** The SDK itself tries again what networks and throttling break; a conflict of two writers it does not. */
const conflictAttempts = 5;

/** Backups in a bucket; the module brings the SDK along, so it is loaded on first use. Chunks are small enough for one request each: nothing is left half-uploaded. */
export class S3Target implements BackupTarget {
  readonly place: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #client: S3Client;

  constructor(config: S3TargetConfig) {
    this.#bucket = config.bucket;
    this.#prefix = config.prefix ?? 'cloudops/';
    this.place = `s3://${this.#bucket}/${this.#prefix}`;
    const { checksums, credentials, endpoint, region } = config;
    this.#client = new S3Client({
      forcePathStyle: config.forcePathStyle ?? endpoint !== undefined,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
      ...(credentials === undefined ? {} : { credentials }),
      ...(checksums === undefined
        ? {}
        : { requestChecksumCalculation: checksums, responseChecksumValidation: checksums }),
    });
  }

  #at(name: string) {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${name}` };
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#client.send(
          new PutObjectCommand({ ...this.#at(name), Body: bytes, IfNoneMatch: '*' }),
        );
        return;
      } catch (cause) {
        if (statusOf(cause) === 412) {
          throw new StorageError('ID_CONFLICT', `${this.place}${name} is there already.`, {
            cause,
          });
        }
        if (statusOf(cause) !== 409 || attempt === conflictAttempts)
          throw this.#failed(name, cause);
        await delay(100 * attempt);
      }
    }
  }

  async get(name: string): Promise<Uint8Array> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#at(name)));
      if (Body === undefined) throw new Error('The answer has no body.');
      return await Body.transformToByteArray();
    } catch (cause) {
      if (statusOf(cause) === 404) {
        throw new StorageError('NOT_FOUND', `${this.place}${name} is not there.`, { cause });
      }
      throw this.#failed(name, cause);
    }
  }

  async list(prefix: string): Promise<string[]> {
    const names: string[] = [];
    let token: string | undefined;
    try {
      do {
        const page = await this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: `${this.#prefix}${prefix}`,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        for (const { Key } of page.Contents ?? []) {
          if (Key !== undefined) names.push(Key.slice(this.#prefix.length));
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
    } catch (cause) {
      throw this.#failed(prefix, cause);
    }
    return names.sort();
  }

  async remove(name: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.#at(name)));
    } catch (cause) {
      throw this.#failed(name, cause);
    }
  }

  #failed(name: string, cause: unknown): StorageError {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    return new StorageError('BACKUP_FAILED', `${this.place}${name}: ${reason}`, {
      cause,
      details: { status: statusOf(cause) },
      retryable: (statusOf(cause) ?? 500) >= 500,
    });
  }
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('$metadata' in error)) return null;
  const metadata: unknown = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata))
    return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}
