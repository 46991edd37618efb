/** The part of Node's `node:sqlite` that the ledger uses. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

export type SqliteValue = null | number | string | Uint8Array;

export interface SqliteStatement {
  run(...values: readonly SqliteValue[]): unknown;
  get(...values: readonly SqliteValue[]): Readonly<Record<string, unknown>> | undefined;
  all(...values: readonly SqliteValue[]): readonly Readonly<Record<string, unknown>>[];
}

export type OpenSqlite = (path: string) => SqliteDatabase;

interface SqliteModule {
  readonly DatabaseSync: new (path: string) => SqliteDatabase;
}

/** SQLite as Node brings it, else as `@photostructure/sqlite` does; `null` when there is neither. */
export async function findSqlite(): Promise<OpenSqlite | null> {
  const builtIn = process.getBuiltinModule('node:sqlite') as SqliteModule | undefined;
  if (builtIn !== undefined) return (path) => new builtIn.DatabaseSync(path);
  try {
    const installed = (await import('@photostructure/sqlite')) as unknown as SqliteModule;
    return (path) => new installed.DatabaseSync(path);
  } catch {
    return null;
  }
}
