import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSystem } from '../journal/append-file.ts';
import { decodeStatement, type Statement } from './checkpoint-format.ts';

/** Its name in the journal's folder. */
export const CHECKPOINTS_FILE = 'checkpoints.jsonl';

const RUNNING_START = '{"type":"checkpoint","kind":"running","by":"';
/** By then both ids of a running writer, who signs for itself, have been told. */
const RUNNING_WRITER_END = RUNNING_START.length + '0123456789abcdef","writer":"0123456789abcdef"'.length;
const LINE_FEED = 0x0a;
const CHUNK_BYTES = 1024 * 1024;

/** What the log says of one writer's chain. */
export interface ChainStatements {
  /** The one that covers most. */
  readonly last: Statement;
  /** Whether nothing can come after it any more. */
  readonly isSettled: boolean;
  /** The last one by which segments were deleted. */
  readonly retired: Statement | null;
}

/** The log of checkpoints, `journal/checkpoints.jsonl`: one line each, appended to by every process of the folder. */
export class CheckpointLog {
  readonly #fileSystem: FileSystem;
  readonly #path: string;
  readonly #chains = new Map<string, ChainStatements>();
  /** Where the first line that was not read begins. */
  #readTo = 0;
  /** A line of this process that was written in part and could not be cut off. */
  #torn: { readonly start: number; readonly end: number } | null = null;

  constructor(fileSystem: FileSystem, journalDirectory: string) {
    this.#fileSystem = fileSystem;
    this.#path = join(journalDirectory, CHECKPOINTS_FILE);
  }

  /** Adds one line by one write. @throws Error, the system's or that the line before is not whole; then nothing was added */
  append(line: string): void {
    const descriptor = this.#fileSystem.openShared(this.#path);
    try {
      const start = this.#wholeLength(descriptor);
      const bytes = Buffer.from(`${line}\n`);
      const count = this.#fileSystem.write(descriptor, bytes, 0, null);
      if (count < bytes.length) {
        this.#torn = { start, end: start + count };
        this.#cutOwn(descriptor);
        throw new Error('the file system did not take the whole line');
      }
    } finally {
      this.#fileSystem.close(descriptor);
    }
  }

  /** Where the half line at the end begins; `null` when the file ends with a whole one. */
  tornAt(): number | null {
    if (!existsSync(this.#path)) return null;
    const descriptor = openSync(this.#path, 'r');
    try {
      const length = fstatSync(descriptor).size;
      let end = length;
      while (end > 0) {
        const chunk = Buffer.alloc(Math.min(end, CHUNK_BYTES));
        readSync(descriptor, chunk, 0, chunk.length, end - chunk.length);
        const found = chunk.lastIndexOf(LINE_FEED);
        if (found >= 0) {
          const start = end - chunk.length + found + 1;
          return start === length ? null : start;
        }
        end -= chunk.length;
      }
      return length === 0 ? null : 0;
    } finally {
      closeSync(descriptor);
    }
  }

  /** Cuts off what a dead process wrote of a line. Only while no other one can be writing. @throws the system's error */
  cutTornLine(): void {
    const start = this.tornAt();
    if (start === null) return;
    const descriptor = this.#fileSystem.openShared(this.#path);
    try {
      this.#fileSystem.truncate(descriptor, start);
    } finally {
      this.#fileSystem.close(descriptor);
    }
  }

  /** SHA-256 of all its bytes, hexadecimal; `null` when there are none. @throws the system's error */
  digest(): string | null {
    if (!existsSync(this.#path)) return null;
    const descriptor = openSync(this.#path, 'r');
    try {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const hash = createHash('sha256');
      let position = 0;
      for (;;) {
        const count = readSync(descriptor, chunk, 0, CHUNK_BYTES, position);
        if (count === 0) return position === 0 ? null : hash.digest('hex');
        hash.update(chunk.subarray(0, count));
        position += count;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * What it says of each writer, by writer. Signatures are not looked at. Each line is read once, so that
   * only the first reading of a long log takes time.
   * @throws the system's error
   */
  read(): ReadonlyMap<string, ChainStatements> {
    for (const lines of this.#newLines()) {
      for (const line of withoutOutrun(lines)) {
        const statement = decodeStatement(line);
        if (statement === null) continue;
        this.#chains.set(statement.writer, joined(this.#chains.get(statement.writer), statement));
      }
    }
    return this.#chains;
  }

  /** The whole lines after those that were read, a piece of the file at a time. */
  *#newLines(): Generator<readonly string[]> {
    if (!existsSync(this.#path)) return;
    const descriptor = openSync(this.#path, 'r');
    try {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      for (;;) {
        const count = readSync(descriptor, chunk, 0, CHUNK_BYTES, this.#readTo);
        const end = chunk.subarray(0, count).lastIndexOf(LINE_FEED) + 1;
        if (end === 0) return;
        this.#readTo += end;
        yield chunk.toString('utf8', 0, end - 1).split('\n');
      }
    } finally {
      closeSync(descriptor);
    }
  }

  /** The file's length. @throws Error when it ends inside a line that is not our own */
  #wholeLength(descriptor: number): number {
    this.#cutOwn(descriptor);
    const length = fstatSync(descriptor).size;
    const last = Buffer.alloc(1);
    if (length > 0) readSync(descriptor, last, 0, 1, length - 1);
    if (length > 0 && last[0] !== LINE_FEED) throw new Error('the last line of journal/checkpoints.jsonl is not whole');
    return length;
  }

  /** Cuts off our own half line, where no one has written after it. @throws the system's error */
  #cutOwn(descriptor: number): void {
    const torn = this.#torn;
    if (torn === null) return;
    if (fstatSync(descriptor).size === torn.end) this.#fileSystem.truncate(descriptor, torn.start);
    this.#torn = null;
  }
}

/** The lines without those of a running writer that a later one of it outruns: nearly all of a long log, and not worth decoding. */
function withoutOutrun(lines: readonly string[]): readonly string[] {
  const running = new Map<string, string>();
  const others: string[] = [];
  for (const line of lines) {
    if (line.startsWith(RUNNING_START)) running.set(line.slice(0, RUNNING_WRITER_END), line);
    else others.push(line);
  }
  return [...others, ...running.values()];
}

function joined(before: ChainStatements | undefined, statement: Statement): ChainStatements {
  const { kind, seq } = statement;
  return {
    last: before === undefined || seq >= before.last.seq ? statement : before.last,
    isSettled: before?.isSettled === true || kind === 'closed' || kind === 'found',
    retired: kind === 'retired' ? statement : (before?.retired ?? null),
  };
}
