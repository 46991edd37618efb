import { createHash } from 'node:crypto';
import {
  checkpointHash,
  decodeStatement,
  isAsWritten,
  isSignedBy,
  type Statement,
} from '../checkpoints/checkpoint-format.ts';
import type { PublicKeys } from '../checkpoints/public-keys.ts';
import type { Problems } from './verification.ts';

/** One line of the log of checkpoints. */
export interface BookLine {
  readonly statement: Statement;
  /** SHA-256 of its text, hexadecimal. */
  readonly hash: string;
  /** Byte in the log where it begins. */
  readonly offset: number;
  /** Whether it was there before the chains were looked at: what it speaks of then must be, too. */
  readonly isOld: boolean;
}

export interface BookOptions {
  readonly keys: PublicKeys;
  readonly problems: Problems;
  /** Name of the log, for problems. */
  readonly file: string;
}

/** Checkpoints in the order of the log, each checked by itself and against the one its signer made before. */
export class CheckpointBook {
  readonly #options: BookOptions;
  readonly #bySigner = new Map<string, BookLine[]>();
  readonly #bySubject = new Map<string, BookLine[]>();
  readonly #hashes = new Set<string>();
  readonly #ended = new Map<string, Statement>();
  /** Of the log up to the line that is being added. */
  readonly #logHash = createHash('sha256');
  #unsigned = 0;

  constructor(options: BookOptions) {
    this.#options = options;
  }

  /** How many lines there are. */
  get size(): number {
    return this.#hashes.size;
  }

  /** Every writer that is spoken of, or that signs. */
  get writers(): Iterable<string> {
    return new Set([...this.#bySubject.keys(), ...this.#bySigner.keys()]);
  }

  /** How many lines no key at hand could check. */
  get unchecked(): number {
    return this.#unsigned;
  }

  /** What the writer has signed, in its order. */
  signedBy(writer: string): readonly BookLine[] {
    return this.#bySigner.get(writer) ?? [];
  }

  /** What was signed about the writer's chain, in the order of the log. */
  about(writer: string): readonly BookLine[] {
    return this.#bySubject.get(writer) ?? [];
  }

  /** Adds the next line of the log. */
  add(text: string, offset: number, isOld: boolean): void {
    this.#take(text, offset, isOld);
    this.#logHash.update(text).update('\n');
  }

  #take(text: string, offset: number, isOld: boolean): void {
    const statement = decodeStatement(text);
    if (statement === null || !isAsWritten(text, statement)) {
      this.#report(null, offset, 'the line is no checkpoint as one is written');
      return;
    }
    const line: BookLine = { statement, hash: checkpointHash(text), offset, isOld };
    this.#checkSignature(text, line);
    this.#checkOrder(line);
    this.#hashes.add(line.hash);
    append(this.#bySigner, statement.by, line);
    append(this.#bySubject, statement.writer, line);
  }

  /**
   * Compares a line that was kept elsewhere. One that the log has not speaks about the chains all the same.
   * @returns what is wrong with it or with the log; `null`: nothing
   */
  addKept(text: string): string | null {
    const hash = checkpointHash(text);
    if (this.#hashes.has(hash)) return null;
    const statement = decodeStatement(text);
    if (statement === null || !isAsWritten(text, statement)) return 'it is no checkpoint as one is written';
    const { writer, seq, at } = statement;
    const key = this.#options.keys.get(statement.key);
    if (key === undefined) return 'it is signed with a key that is not at hand';
    if (!isSignedBy(text, key)) return 'its signature is not that of its key';
    append(this.#bySubject, writer, { statement, hash, offset: 0, isOld: true });
    return `the ledger has it no longer: it was signed at ${at}, about writer ${writer} up to frame ${seq}`;
  }

  #checkSignature(text: string, { statement, offset }: BookLine): void {
    const key = this.#options.keys.get(statement.key);
    if (key === undefined) this.#unsigned++;
    else if (!isSignedBy(text, key)) this.#report(statement, offset, 'the signature is not that of its key');
  }

  #checkOrder({ statement, offset }: BookLine): void {
    const previous = this.signedBy(statement.by).at(-1);
    if (previous !== undefined && statement.previous !== previous.hash) {
      this.#report(statement, offset, 'it does not follow the last checkpoint of its signer');
    }
    if (previous === undefined && !this.#isFirst(statement)) {
      this.#report(statement, offset, 'what stood before it when it was signed was changed or taken out');
    }
    const end = this.#ended.get(statement.by);
    if (end !== undefined) this.#report(statement, offset, `its signer had ended: that was signed at ${end.at}`);
    if (statement.kind === 'closed' || statement.kind === 'found') this.#ended.set(statement.writer, statement);
  }

  /** Whether a checkpoint can be the first of its signer, here. */
  #isFirst({ previous }: Statement): boolean {
    return previous === null || previous === this.#logHash.copy().digest('hex');
  }

  #report(statement: Statement | null, offset: number, reason: string): void {
    const { problems, file } = this.#options;
    problems.add({ writer: statement?.by ?? null, segment: file, offset, seq: statement?.seq ?? null, reason });
  }
}

function append(lists: Map<string, BookLine[]>, name: string, line: BookLine): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [line]);
  else list.push(line);
}
