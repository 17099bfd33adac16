/** A Qdrant server or cluster, 1.18 or later. */
export interface QdrantServerConfig {
  kind: 'qdrant';
  /** `https://host:port/prefix`; without a port 6333 for http and 443 for https. */
  url: string;
  /** Or null. Sent as a header; over plain http everyone on the way can read it. */
  apiKey?: string | null;
}

/** A local Qdrant that this process starts and ends. */
export interface QdrantSpawnConfig {
  kind: 'qdrant';
  spawn: {
    /** The program `qdrant`, looked for on the path unless it has a folder. */
    binary: string;
    /** The folder of its data, made if it is not there; of one process at a time. */
    storagePath: string;
    /** How long it may take to load its data: 120 s by default. */
    readyTimeoutMs?: number;
  };
}

/** How Qdrant is used. */
export interface QdrantCommonConfig {
  /** What the names of the two collections begin with: `cloudops` makes `cloudops_chat` and `cloudops_estate`. */
  collectionPrefix?: string;
  /** Of the vectors: 384 by default. */
  dimensions?: number;
  /** Copies of each shard, when the collections are made: 1 by default; 2 or more in a cluster. */
  replicationFactor?: number;
  /** Copies that must have taken a write, when the collections are made: 1 by default. */
  writeConsistencyFactor?: number;
  /** Shards, when the collections are made: one per node by default. */
  shardNumber?: number;
  /** Of one request: 30 s by default. */
  timeoutMs?: number;
}

export type QdrantConfig = (QdrantServerConfig | QdrantSpawnConfig) & QdrantCommonConfig;
