import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** The few calls of the file system by which the ledger writes. A port, so that tests can let any of them fail. */
export interface FileSystem {
  /** Opens a file that must not exist yet, readable by its owner only. @returns its descriptor */
  openNew(path: string): number;
  /** Opens a file that several processes append to, readable by its owner only; made when it is not there. @returns its descriptor */
  openShared(path: string): number;
  /** Writes at `position` what it can of `bytes` from `offset` on; `null`: at the end. @returns how many bytes it took */
  write(descriptor: number, bytes: Buffer, offset: number, position: number | null): number;
  truncate(descriptor: number, length: number): void;
  close(descriptor: number): void;
}

/** The machine's own file system. */
export const nodeFileSystem: FileSystem = {
  openNew: (path) => openSync(path, 'wx', 0o600),
  openShared: (path) => openSync(path, 'a+', 0o600),
  write: (descriptor, bytes, offset, position) => writeSync(descriptor, bytes, offset, bytes.length - offset, position),
  truncate: ftruncateSync,
  close: closeSync,
};

/**
 * A file that only grows, by whole pieces: after a failed write it ends where it ended before, or,
 * when even that cannot be had, is marked unusable and never written again.
 */
export class AppendFile {
  readonly #fileSystem: FileSystem;
  readonly #descriptor: number;
  #length = 0;
  #usable = true;

  /** Creates the file. @throws the system's error when it exists or cannot be made. */
  constructor(fileSystem: FileSystem, path: string) {
    this.#fileSystem = fileSystem;
    this.#descriptor = fileSystem.openNew(path);
  }

  /** Bytes that were written whole. */
  get length(): number {
    return this.#length;
  }

  get usable(): boolean {
    return this.#usable;
  }

  /**
   * Writes the bytes at the end, all of them or none.
   * @returns where they begin
   * @throws the system's error; then nothing was added
   */
  append(bytes: Buffer): number {
    const start = this.#length;
    try {
      let written = 0;
      while (written < bytes.length) {
        const count = this.#fileSystem.write(this.#descriptor, bytes, written, start + written);
        if (count <= 0) throw new Error('the file system took no bytes');
        written += count;
      }
    } catch (error) {
      this.#cutBack();
      throw error;
    }
    this.#length = start + bytes.length;
    return start;
  }

  /** Closes the descriptor. An error of it has no one to tell: every byte that counts was written already. */
  close(): void {
    // Twice would close what got the same descriptor since.
    if (!this.#usable) return;
    this.#usable = false;
    try {
      this.#fileSystem.close(this.#descriptor);
    } catch {
      // A descriptor that does not close is one that someone closed before.
    }
  }

  #cutBack(): void {
    try {
      this.#fileSystem.truncate(this.#descriptor, this.#length);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EBADF') this.#usable = false;
      else this.close();
    }
  }
}
