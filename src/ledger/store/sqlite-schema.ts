import type { SqliteDatabase } from './sqlite.ts';

const SCHEMA_VERSION = 4;
/** How long one process waits for another one's transaction. */
const BUSY_TIMEOUT_MS = 5000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS generations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    writer TEXT NOT NULL,
    segment INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    route TEXT,
    model TEXT,
    deployment TEXT,
    status TEXT NOT NULL,
    fallback TEXT,
    key TEXT,
    aside TEXT,
    data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS generations_created ON generations (created_ms, id);
  CREATE INDEX IF NOT EXISTS generations_route ON generations (route, created_ms);
  CREATE INDEX IF NOT EXISTS generations_model ON generations (model, created_ms);
  CREATE INDEX IF NOT EXISTS generations_key ON generations (key, created_ms) WHERE key IS NOT NULL;
  CREATE INDEX IF NOT EXISTS generations_status ON generations (status, created_ms) WHERE status <> 'complete';
  CREATE INDEX IF NOT EXISTS generations_fallback ON generations (fallback, created_ms) WHERE fallback IS NOT NULL;
  CREATE INDEX IF NOT EXISTS generations_aside ON generations (aside, created_ms) WHERE aside IS NOT NULL;
  CREATE TABLE IF NOT EXISTS frames (
    number INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS unfinished (
    id TEXT PRIMARY KEY,
    segment INTEGER NOT NULL,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    payload BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_created ON events (object, created_ms, id);
  CREATE TABLE IF NOT EXISTS segments (
    name TEXT PRIMARY KEY,
    shipped_bytes INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    previous BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Tables of the versions before, which are made again from the journal. */
const EARLIER_TABLES = ['meta', 'generations', 'frames', 'unfinished', 'events', 'segments'];

/**
 * Brings an open database to this version's tables. What an earlier version kept is dropped: the
 * journal has it all, and the store takes it over again.
 * @throws Error when a later version has written the file, or it is no database
 */
export function migrate(database: SqliteDatabase, path: string): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === SCHEMA_VERSION) return;
  if (version > SCHEMA_VERSION) {
    throw new Error(
      `${path} has schema version ${version}; this version of Candor reads ${SCHEMA_VERSION}. Run the version of Candor that wrote it, or remove the file: it is made again from the journal`,
    );
  }
  database.exec('BEGIN IMMEDIATE');
  // Another process may have been first.
  if (Number(database.prepare('PRAGMA user_version').get()?.['user_version']) !== SCHEMA_VERSION) {
    for (const table of EARLIER_TABLES) database.exec(`DROP TABLE IF EXISTS ${table}`);
    database.exec(`${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
  }
  database.exec('COMMIT');
}
