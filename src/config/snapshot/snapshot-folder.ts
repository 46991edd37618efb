import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { formatSnapshot, parseSnapshot, type Snapshot } from './snapshot.ts';

/** So many of the last are kept whatever their age. */
const LEAST_KEPT = 20;

/** The configurations that have been in force with one state folder: `snapshots/<hash>.json`, readable by the owner only. */
export class SnapshotFolder {
  readonly #folder: string;

  /** @param store the state folder */
  constructor(store: string) {
    this.#folder = join(store, 'snapshots');
  }

  /**
   * Every snapshot, the one that took effect last first.
   * @throws Error when one of the files is no snapshot
   */
  all(): readonly Snapshot[] {
    const snapshots = this.#names().map((name) => this.#read(name));
    return snapshots.toSorted((a, b) => (a.inForceAt < b.inForceAt ? 1 : -1));
  }

  /**
   * Keeps a configuration that takes effect now. One hash has one snapshot: the newest texts count, and when it first took effect.
   * @throws Error when it cannot be written
   */
  keep(snapshot: Snapshot): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const name = `${snapshot.hash}.json`;
    const { createdAt } = this.#names().includes(name) ? this.#read(name) : snapshot;
    const path = join(this.#folder, name);
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, formatSnapshot({ ...snapshot, createdAt }), { mode: 0o600 });
    renameSync(draft, path);
  }

  /**
   * Removes those that no kept record can name: replaced longer ago than records are kept. The last twenty stay.
   * @param keepMs how long records are kept; @param nowMs Unix time
   */
  prune(keepMs: number, nowMs: number): void {
    const snapshots = this.all();
    for (const [index, snapshot] of snapshots.entries()) {
      // At the latest when the next one took effect it was replaced.
      const replacedAt = snapshots[index - 1]?.inForceAt;
      if (index < LEAST_KEPT || replacedAt === undefined || nowMs - Date.parse(replacedAt) <= keepMs) continue;
      rmSync(join(this.#folder, `${snapshot.hash}.json`), { force: true });
    }
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #read(name: string): Snapshot {
    const path = join(this.#folder, name);
    const snapshot = parseSnapshot(readFileSync(path, 'utf8'));
    // The hash names the file to write or remove: it must not name another.
    if (snapshot === null || `${snapshot.hash}.json` !== name) {
      throw new Error(`${path} is no snapshot of a configuration; remove it`);
    }
    return snapshot;
  }
}
