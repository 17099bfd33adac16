/**
 * The steps that make an empty file into the current one; `PRAGMA user_version` counts those taken.
 * A step that was released never changes: add another.
 *
 * The resource row is narrow, because filters and the first step of the vector search read all of it; the record
 * (`body`) and the vector are beside it. Actions come in few distinct sets and tags in few distinct pairs, so both are interned.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE document (name TEXT PRIMARY KEY, text TEXT NOT NULL);

  CREATE TABLE conversation (
    rid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    messages INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    last_seq INTEGER NOT NULL
  );
  CREATE INDEX conversation_last ON conversation (last_seq);

  CREATE TABLE message (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversation (rid),
    role TEXT NOT NULL,
    created_at TEXT NOT NULL,
    sealed BLOB NOT NULL
  );
  CREATE INDEX message_conversation ON message (conversation);

  CREATE TABLE action_set (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE);
  CREATE TABLE action_member (
    action TEXT NOT NULL,
    action_set INTEGER NOT NULL,
    PRIMARY KEY (action, action_set)
  ) WITHOUT ROWID;

  CREATE TABLE resource (
    rid INTEGER PRIMARY KEY,
    code BLOB,
    account_id TEXT NOT NULL,
    region TEXT NOT NULL,
    service TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    state TEXT,
    missing_since TEXT,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    action_set INTEGER,
    name TEXT,
    resource_id TEXT NOT NULL,
    bare_id TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    arn TEXT,
    scan_id TEXT,
    evaluated_at TEXT
  );
  CREATE INDEX resource_type ON resource (resource_type);
  CREATE INDEX resource_scope ON resource (account_id, region, service);
  CREATE INDEX resource_arn ON resource (arn);
  CREATE INDEX resource_bare_id ON resource (bare_id);
  CREATE INDEX resource_missing ON resource (missing_since) WHERE missing_since IS NOT NULL;

  CREATE TABLE digest (
    rid INTEGER PRIMARY KEY,
    content_hash TEXT NOT NULL,
    permissions_hash TEXT NOT NULL,
    model TEXT,
    text_hash TEXT
  );
  CREATE TABLE body (rid INTEGER PRIMARY KEY, clear TEXT NOT NULL, sum INTEGER NOT NULL, sealed BLOB NOT NULL);
  CREATE TABLE vector (rid INTEGER PRIMARY KEY, sum INTEGER NOT NULL, v BLOB NOT NULL);

  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    rid INTEGER NOT NULL,
    at TEXT NOT NULL,
    scan_id TEXT,
    sealed BLOB NOT NULL
  );
  CREATE INDEX history_rid ON history (rid);
  CREATE TABLE relation (target TEXT NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (target, rid)) WITHOUT ROWID;
  CREATE INDEX relation_rid ON relation (rid);

  CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (name, value));
  CREATE TABLE resource_tag (rid INTEGER NOT NULL, tag INTEGER NOT NULL, PRIMARY KEY (rid, tag)) WITHOUT ROWID;
  CREATE INDEX resource_tag_tag ON resource_tag (tag, rid);

  CREATE VIRTUAL TABLE words USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
  );
  CREATE VIRTUAL TABLE word_count USING fts5vocab (words, 'row');
  CREATE VIRTUAL TABLE identifiers USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'trigram'
  );
  `,
];
