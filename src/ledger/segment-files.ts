import { join } from 'node:path';
import { AppendFile, type FileSystem } from './append-file.ts';

/**
 * The numbered files of one writer in one folder, `<writer>-<n>.<extension>`: appends to the current
 * one and goes on in a new one when that has become unusable.
 */
export class SegmentFiles {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #writer: string;
  readonly #extension: string;
  #file: AppendFile | null = null;
  #number = 0;

  constructor(fileSystem: FileSystem, directory: string, writer: string, extension: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#writer = writer;
    this.#extension = extension;
  }

  /** Name of the current file, without its folder. */
  get name(): string {
    return `${this.#writer}-${this.#number}.${this.#extension}`;
  }

  /** Number of the current file, from 1; 0 before the first. */
  get number(): number {
    return this.#number;
  }

  /** The file to append to; `null` when a new one must be begun first. */
  get current(): AppendFile | null {
    return this.#file !== null && this.#file.usable ? this.#file : null;
  }

  /** Begins the next file. @throws the system's error; the number is used up all the same. */
  next(): AppendFile {
    this.#number++;
    this.#file = new AppendFile(this.#fileSystem, join(this.#directory, this.name));
    return this.#file;
  }

  close(): void {
    this.#file?.close();
  }
}

/** Who writes the segment file of this name. */
export function segmentWriter(name: string): string {
  return name.slice(0, name.lastIndexOf('-'));
}
