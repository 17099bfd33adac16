/** Where backups are kept: named blobs, written once. */
export interface BackupTarget {
  /** For messages: `s3://bucket/prefix`, or a folder. */
  readonly place: string;
  /** Writes a blob that is not there yet. @throws StorageError `ID_CONFLICT` when it is, `BACKUP_FAILED` */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** @throws StorageError `NOT_FOUND`, `BACKUP_FAILED` */
  get(name: string): Promise<Uint8Array>;
  /** The names that begin with a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>;
}

/** A folder, best on another disk. */
export interface FolderTargetConfig {
  kind: 'folder';
  path: string;
}

/** A bucket of S3 or of something that speaks it. */
export interface S3TargetConfig {
  kind: 's3';
  bucket: string;
  /** What names begin with; "cloudops/" by default. */
  prefix?: string;
  region?: string;
  /** Of a store that is not AWS. */
  endpoint?: string;
  /** The bucket in the path instead of the host name; true where `endpoint` is set. */
  forcePathStyle?: boolean;
  /** `WHEN_REQUIRED` for stores that do not know the newer checksums. */
  checksums?: 'WHEN_SUPPORTED' | 'WHEN_REQUIRED';
  /** The SDK's own chain (environment, profile, role) when absent. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}
