import { join } from 'node:path';
import { AppendFile, type FileSystem } from './append-file.ts';

/** When a file is closed and the next one begun: at so many bytes, or when it is so old. */
export interface Rotation {
  readonly bytes: number;
  readonly ageMs: number;
}

export const DEFAULT_ROTATION: Rotation = { bytes: 64 * 1024 * 1024, ageMs: 24 * 60 * 60 * 1000 };

export interface SegmentFilesOptions {
  readonly fileSystem: FileSystem;
  readonly directory: string;
  readonly writer: string;
  /** Without the dot. */
  readonly extension: string;
  readonly rotation: Rotation;
  readonly wallTime: () => number;
}

/**
 * The numbered files of one writer in one folder, `<writer>-<n>.<extension>`: appends to the current
 * one and goes on in a new one when that is full, old, or has become unusable.
 */
export class SegmentFiles {
  readonly #options: SegmentFilesOptions;
  #file: AppendFile | null = null;
  #number = 0;
  #lastTried = 0;
  #begunAtMs = 0;

  constructor(options: SegmentFilesOptions) {
    this.#options = options;
  }

  /** Name of the current file, without its folder. */
  get name(): string {
    return segmentName(this.#options.writer, this.#number, this.#options.extension);
  }

  /** Number of the current file, from 1; 0 before the first. */
  get number(): number {
    return this.#number;
  }

  /** Bytes of the current file that were written whole. */
  get length(): number {
    return this.#file?.length ?? 0;
  }

  /** The file to append to; `null` when a new one must be begun first. An empty one is neither full nor old. */
  get current(): AppendFile | null {
    const file = this.#file;
    if (file === null || !file.usable) return null;
    if (file.length === 0) return file;
    const { rotation, wallTime } = this.#options;
    return file.length < rotation.bytes && wallTime() - this.#begunAtMs < rotation.ageMs ? file : null;
  }

  /** Begins the next file and lets go of the one before. @throws the system's error; the number is used up all the same. */
  next(): AppendFile {
    const { fileSystem, directory, writer, extension, wallTime } = this.#options;
    const number = ++this.#lastTried;
    const file = new AppendFile(fileSystem, join(directory, segmentName(writer, number, extension)));
    this.#file?.close();
    this.#file = file;
    this.#number = number;
    this.#begunAtMs = wallTime();
    return file;
  }

  close(): void {
    this.#file?.close();
  }
}

function segmentName(writer: string, number: number, extension: string): string {
  return `${writer}-${number}.${extension}`;
}

/** Who writes the segment file of this name. */
export function segmentWriter(name: string): string {
  return name.slice(0, name.lastIndexOf('-'));
}

/** Which of its writer's files the one of this name is; NaN when the name is no segment's. */
export function segmentNumber(name: string): number {
  return Number(/-(\d+)\.[a-z]+$/.exec(name)?.[1] ?? Number.NaN);
}
