import { statSync } from 'node:fs';
import { join } from 'node:path';
import { checkAnswers, checkSigned } from './chain-crossings.ts';
import { type Answer, ChainVerifier, type VerifiedChain } from './chain-verifier.ts';
import { CheckpointBook } from './checkpoint-book.ts';
import { CHECKPOINTS_FILE } from '../checkpoints/checkpoint-log.ts';
import { ContentTally } from './content-tally.ts';
import { parseKeptCheckpoints } from '../checkpoints/kept-checkpoints.ts';
import { type PublicKeys, parsePublicKeys, readPublicKeys } from '../checkpoints/public-keys.ts';
import { type ListedSegment, listSegments } from '../journal/segment-listing.ts';
import { readLines } from '../journal/text-lines.ts';
import { type LedgerVerification, Problems, type WriterVerification } from './verification.ts';
import { verificationNotes } from './verification-notes.ts';

export interface VerifyOptions {
  /** PEM text of the keys that alone are believed; `null`: those beside the ledger. */
  readonly publicKeys: string | null;
  /** Checkpoints that were kept elsewhere, as `candor export --checkpoints` prints them; `null`: there are none. */
  readonly keptCheckpoints: string | null;
}

/**
 * Checks the ledger in a state folder: every frame of every writer, what was signed about them, and
 * the content. Reads only, and may run beside a gateway: what that writes meanwhile is left for the next time.
 * @throws the system's error when the folder or a file cannot be read
 */
export function verifyLedger(directory: string, options: VerifyOptions): LedgerVerification {
  return new LedgerVerifier(directory, options).verify();
}

class LedgerVerifier {
  readonly #journal: string;
  readonly #options: VerifyOptions;
  readonly #keys: PublicKeys;
  readonly #book: CheckpointBook;
  readonly #general = new Problems();
  readonly #problems = new Map<string, Problems>();
  readonly #chains = new Map<string, ChainVerifier>();
  readonly #answers: Answer[] = [];
  readonly #content: ContentTally;

  constructor(directory: string, options: VerifyOptions) {
    this.#journal = join(directory, 'journal');
    this.#options = options;
    this.#keys = believedKeys(directory, options);
    this.#book = new CheckpointBook({ keys: this.#keys, problems: this.#general, file: CHECKPOINTS_FILE });
    this.#content = new ContentTally(directory, (writer) => this.#problemsOf(writer));
  }

  verify(): LedgerVerification {
    const log = join(this.#journal, CHECKPOINTS_FILE);
    // A checkpoint is in the log before it is a frame, and after the frames it covers. So what is in the log now must
    // be in the chains when they are read, and what is in the chains then must be in the log afterwards.
    const oldEnd = this.#readLog(log, 0, true);
    if (this.#options.keptCheckpoints !== null) this.#compareKept(this.#options.keptCheckpoints);
    const segments = segmentsByWriter(listSegments(this.#journal));
    // So it is with what retention deletes: that was signed before a file is gone.
    const listedEnd = this.#readLog(log, oldEnd, false);
    for (const writer of new Set([...segments.keys(), ...this.#book.writers])) {
      this.#verifyChain(writer, segments.get(writer) ?? []);
    }
    const end = this.#readLog(log, listedEnd, false);
    for (const chain of this.#chains.values()) {
      chain.conclude();
      checkSigned(chain, this.#book, this.#problemsOf(chain.writer));
    }
    const answered = checkAnswers(this.#answers, this.#chains, (writer) => this.#problemsOf(writer));
    this.#content.close();
    this.#judgeKeys();
    const isLogTorn = (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > end;
    return this.#outcome(segments, { answered, isLogTorn });
  }

  #readLog(path: string, from: number, isOld: boolean): number {
    const lines = readLines(path, from);
    for (;;) {
      const step = lines.next();
      if (step.done === true) return step.value;
      this.#book.add(step.value.text, step.value.offset, isOld);
    }
  }

  /** What was kept elsewhere must be in the log, and hold for the chains, whether it is there or not. */
  #compareKept(text: string): void {
    const nowhere = { writer: null, segment: null, offset: null, seq: null };
    const { lines } = parseKeptCheckpoints(text);
    for (const [index, line] of lines.entries()) {
      const reason = this.#book.addKept(line);
      if (reason !== null) this.#general.add({ ...nowhere, reason: `kept checkpoint ${index + 1}: ${reason}` });
    }
    if (lines.length > 0) return;
    const reason = 'the file of kept checkpoints has none in it: give one that candor export --checkpoints has printed';
    this.#general.add({ ...nowhere, reason });
  }

  #verifyChain(writer: string, segments: readonly ListedSegment[]): void {
    const chain = new ChainVerifier({
      journal: this.#journal,
      writer,
      lines: () => this.#book.about(writer),
      problems: this.#problemsOf(writer),
      onContent: (pointer, place) => this.#content.take(pointer, place),
      onAnswer: (answer) => this.#answers.push(answer),
    });
    this.#chains.set(writer, chain);
    chain.verify(segments);
  }

  /** What is signed and cannot be checked is as good as not signed. */
  #judgeKeys(): void {
    const count = this.#book.unchecked;
    if (count === 0) return;
    const which =
      this.#keys.size === 0 ? 'there is no public key at hand' : 'they are signed with a key that is not at hand';
    const reason = `${count} checkpoints could not be checked: ${which}. Give its public half with --public-key, or put it into keyring/ as ledger-<id>.pub`;
    this.#general.add({ writer: null, segment: CHECKPOINTS_FILE, offset: null, seq: null, reason });
  }

  #problemsOf(writer: string): Problems {
    const known = this.#problems.get(writer) ?? new Problems();
    this.#problems.set(writer, known);
    return known;
  }

  #outcome(
    segments: ReadonlyMap<string, readonly ListedSegment[]>,
    seen: { readonly answered: number; readonly isLogTorn: boolean },
  ): LedgerVerification {
    const chains = [...this.#chains.values()];
    const all = [this.#general, ...this.#problems.values()];
    const { publicKeys, keptCheckpoints } = this.#options;
    return {
      ok: all.every(({ count }) => count === 0),
      writers: chains
        .filter(({ writer }) => segments.has(writer) || this.#problemsOf(writer).count > 0)
        .map((chain) => report(chain, segments.get(chain.writer)?.length ?? 0, this.#problemsOf(chain.writer))),
      checkpoints: this.#book.size,
      records: chains.reduce((sum, { records }) => sum + records, 0),
      events: chains.reduce((sum, { events }) => sum + events, 0),
      content: this.#content.outcome,
      problems: all.flatMap(({ told }) => told),
      notes: verificationNotes({
        chains,
        ...seen,
        content: this.#content.outcome,
        keysAreBeside: publicKeys === null && keptCheckpoints === null && this.#keys.size > 0,
      }),
    };
  }
}

function believedKeys(directory: string, { publicKeys, keptCheckpoints }: VerifyOptions): PublicKeys {
  if (publicKeys !== null) return parsePublicKeys(publicKeys);
  const kept = keptCheckpoints === null ? [] : parseKeptCheckpoints(keptCheckpoints).keys;
  return new Map([...readPublicKeys(directory), ...kept]);
}

function segmentsByWriter(segments: readonly ListedSegment[]): ReadonlyMap<string, readonly ListedSegment[]> {
  const byWriter = new Map<string, ListedSegment[]>();
  for (const segment of segments.toSorted((a, b) => a.number - b.number)) {
    const known = byWriter.get(segment.writer);
    if (known === undefined) byWriter.set(segment.writer, [segment]);
    else known.push(segment);
  }
  return byWriter;
}

function report(chain: VerifiedChain, segments: number, problems: Problems): WriterVerification {
  const { writer, firstSeq, frames, records, head, lastHeld, unprotected } = chain;
  return {
    writer,
    segments,
    first_seq: firstSeq,
    frames,
    records,
    head,
    state: chain.state,
    last_checkpoint: lastHeld === null ? null : { seq: lastHeld.seq, at: lastHeld.at },
    unprotected,
    problems: problems.told,
  };
}
