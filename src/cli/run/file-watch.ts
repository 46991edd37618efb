import { createHash } from 'node:crypto';
import { readFileSync, watch, type FSWatcher } from 'node:fs';

import { foldersOf } from './link-folders.ts';

const SETTLE_MS = 100;

export interface FileWatchOptions {
  /** Absolute paths of the files that count, asked anew after each change. Files that do not exist are waited for. */
  readonly paths: () => readonly string[];
  /** Some of their texts have changed, or are seen for the first time. */
  readonly onChange: () => Promise<void>;
  /** A folder cannot be watched. */
  readonly onProblem: (message: string) => void;
}

/**
 * Notices when texts change, however an editor or a deployment writes them: in place, by renaming
 * over, or by turning a symbolic link. It watches folders and compares texts, 100 ms after the first event.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #unwatchable = new Set<string>();
  #texts: ReadonlyMap<string, string> = new Map();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#watchFolders();
    // Whoever has read the files before may have read older ones.
    this.#noticed();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #noticed(): void {
    // Not put off by further events: a folder that is always busy would never be looked at.
    this.#timer ??= setTimeout(() => void this.#look(false), SETTLE_MS);
  }

  async #look(isSecondLook: boolean): Promise<void> {
    this.#timer = null;
    const texts = digests(this.#options.paths());
    if (isSame(texts, this.#texts)) {
      this.#watchFolders();
      return;
    }
    // Emptied or gone for a moment is how many programs begin to write.
    if (!isSecondLook && [...texts.values()].some((text) => text === NOTHING)) {
      this.#timer = setTimeout(() => void this.#look(true), SETTLE_MS);
      return;
    }
    this.#texts = texts;
    await this.#options.onChange();
    if (this.#closed) return;
    this.#watchFolders();
    // What was written in the meantime may have been in a folder not watched yet.
    this.#noticed();
  }

  #watchFolders(): void {
    const folders = new Set(this.#options.paths().flatMap(foldersOf));
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, () => this.#noticed());
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // One that does not exist yet announces itself in the folder above it.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || this.#unwatchable.has(folder)) return;
      this.#unwatchable.add(folder);
      this.#options.onProblem(`changes in ${folder} are not noticed: ${(error as Error).message}`);
    }
  }
}

const NOTHING = '';

/** A hash of each text by path; `NOTHING` for one that is empty or cannot be read. */
function digests(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path, digest(path)]));
}

function digest(path: string): string {
  try {
    const text = readFileSync(path);
    return text.length === 0 ? NOTHING : createHash('sha256').update(text).digest('hex');
  } catch {
    return NOTHING;
  }
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}
