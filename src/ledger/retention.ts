import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Timer } from '../core/clock.ts';
import { segmentBegunAtMs } from './journal/chain-reader.ts';
import type { WrittenEvent } from './journal/payload.ts';
import type { Subject } from './checkpoints/checkpoint-format.ts';
import type { ChainStatements, CheckpointLog } from './checkpoints/checkpoint-log.ts';
import type { Checkpointer } from './checkpoints/checkpointer.ts';
import { segmentNumber, segmentWriter } from './journal/segment-files.ts';
import { type ListedSegment, listSegments } from './journal/segment-listing.ts';
import type { RecordWriter } from './record-writer.ts';
import type { StoreClient } from './store/store-client.ts';

export interface RetentionParts {
  readonly journalDirectory: string;
  readonly contentDirectory: string;
  /** How long a record is kept. */
  readonly keepMs: number;
  /** How long a content file is written at most: how much older than its record a body can be. */
  readonly contentAgeMs: number;
  readonly store: Pick<StoreClient, 'summarize' | 'drop'>;
  readonly records: Pick<RecordWriter, 'carry'>;
  readonly checkpoints: Checkpointer;
  readonly log: CheckpointLog;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly wallTime: () => number;
  readonly onWarning: (message: string) => void;
}

const INTERVAL_MS = 60 * 60 * 1000;

/**
 * Deletes what is older than it is to be kept, by whole files: journal segments, each writer's oldest
 * first, and content that no record is left for. What is deleted is signed before it goes. A certificate
 * that has not expired is written anew first, so that nothing else has to be kept for its sake.
 */
export class Retention {
  readonly #parts: RetentionParts;
  #timer: Timer | null = null;
  #stopped = false;
  #underway: Promise<void> = Promise.resolve();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Deletes now, and from now on every hour. */
  start(): void {
    this.#underway = this.#deleteOld().finally(() => {
      if (!this.#stopped) this.#timer = this.#parts.clock.setTimer(INTERVAL_MS, () => this.start());
    });
  }

  /** Resolves when nothing is being deleted any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#underway;
  }

  async #deleteOld(): Promise<void> {
    const { journalDirectory, log, onWarning } = this.#parts;
    try {
      const statements = log.read();
      const writers = groupedByWriter(listSegments(journalDirectory), (segment) => segment.name);
      for (const [writer, segments] of writers) {
        if (this.#stopped) return;
        await this.#retire(
          segments.toSorted((a, b) => a.number - b.number),
          statements.get(writer) ?? null,
        );
      }
      this.#deleteContent(log.read());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onWarning(`what is older than server.keep could not be deleted (${reason}); it is tried again in an hour`);
    }
  }

  /** Deletes the oldest segments of one writer. The last one of a writer that may live stays. */
  async #retire(segments: readonly ListedSegment[], known: ChainStatements | null): Promise<void> {
    const before = known?.retired ?? null;
    const lastRetired = before === null ? 0 : segmentNumber(before.segment);
    const ended = known?.isSettled === true ? segments : segments.slice(0, -1);
    // Their deletion was signed, and cut short.
    const gone = ended.filter(({ number }) => number <= lastRetired).map(({ name }) => name);
    const old: string[] = [];
    const certificates: WrittenEvent[] = [];
    let end: Subject | null = null;
    for (const { name } of ended.filter(({ number }) => number > lastRetired)) {
      const next = await this.#oldEnd(name, end ?? before);
      if (next === null) break;
      end = next.end;
      old.push(name);
      certificates.push(...next.certificates);
    }
    if (!this.#stopped) await this.#carry(certificates);
    if (end !== null && !this.#stopped && this.#parts.checkpoints.sign('retired', end)) gone.push(...old);
    if (gone.length === 0) return;
    // The store first: it may just be asked to read one of them.
    await this.#parts.store.drop(gone);
    for (const name of gone) rmSync(join(this.#parts.journalDirectory, name), { force: true });
  }

  async #carry(certificates: readonly WrittenEvent[]): Promise<void> {
    const { records, wallTime } = this.#parts;
    const at = new Date(wallTime()).toISOString();
    await Promise.all(certificates.map((event) => records.carry(event, at)));
  }

  /** The chain at the end of a segment that is to go, and what is kept of it; `null` when it is to stay. @param before the chain at its beginning */
  async #oldEnd(
    name: string,
    before: Subject | null,
  ): Promise<{ readonly end: Subject; readonly certificates: readonly WrittenEvent[] } | null> {
    const { store, wallTime, keepMs, onWarning } = this.#parts;
    const nowMs = wallTime();
    const summary = await store.summarize(name, nowMs - keepMs, nowMs);
    if (summary === null) return null;
    const { end, firstSeq, certificates } = summary;
    if (firstSeq !== (before?.seq ?? 0) + 1) {
      onWarning(`${name} is not deleted: records before it are missing. \`candor verify\` says more`);
      return null;
    }
    const isEmpty = end.seq < firstSeq && before !== null;
    const head = isEmpty ? before.head : end.head;
    return { end: { ...end, head, count: (before?.count ?? 0) + end.count }, certificates };
  }

  /** Deletes the content files that were written before the oldest record left, and those no record is left for. */
  #deleteContent(statements: ReadonlyMap<string, ChainStatements>): void {
    const { journalDirectory, contentDirectory, contentAgeMs } = this.#parts;
    const segments = groupedByWriter(listSegments(journalDirectory), (segment) => segment.name);
    const files = groupedByWriter(readdirSync(contentDirectory), (name) => name);
    for (const [writer, names] of files) {
      const known = statements.get(writer);
      if (known === undefined || known.retired === null) continue;
      const [oldest] = (segments.get(writer) ?? []).toSorted((a, b) => a.number - b.number);
      if (oldest === undefined && !known.isSettled) continue;
      const begunAtMs =
        oldest === undefined ? Number.POSITIVE_INFINITY : segmentBegunAtMs(journalDirectory, oldest.name);
      const newest = Math.max(...names.map(segmentNumber));
      for (const name of names) {
        if (!known.isSettled && segmentNumber(name) === newest) continue;
        const path = join(contentDirectory, name);
        if (begunAtMs !== null && statSync(path).mtimeMs < begunAtMs - contentAgeMs) rmSync(path, { force: true });
      }
    }
  }
}

function groupedByWriter<Item>(items: readonly Item[], nameOf: (item: Item) => string): ReadonlyMap<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const writer = segmentWriter(nameOf(item));
    const group = groups.get(writer);
    if (group === undefined) groups.set(writer, [item]);
    else group.push(item);
  }
  return groups;
}
