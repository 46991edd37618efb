import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { JsonObject } from '../../src/core/json.ts';
import type { LedgerEvent, LedgerEventKind } from '../../src/core/ledger-event.ts';
import type { GenerationRecord, IntentRecord } from '../../src/core/record.ts';
import { nodeFileSystem, type FileSystem } from '../../src/ledger/journal/append-file.ts';
import { decodeStatement, type Statement } from '../../src/ledger/checkpoints/checkpoint-format.ts';
import { readSegment, type SegmentFrame } from '../../src/ledger/journal/journal-reader.ts';
import { openLedger, type Ledger, type LedgerOptions } from '../../src/ledger/ledger.ts';
import { segmentNumber } from '../../src/ledger/journal/segment-files.ts';
import { verifyLedger } from '../../src/ledger/verify/verify.ts';
import { ManualClock } from './manual-clock.ts';

/** A frame as a test looks at it. */
export interface ReadFrame {
  readonly segment: string;
  readonly seq: number;
  readonly hash: string;
  readonly text: string;
}

/** A folder with ledgers on a clock that the test moves. */
export class LedgerFolder {
  readonly directory = mkdtempSync(join(tmpdir(), 'candor-folder-'));
  readonly clock = new ManualClock();
  readonly disk = new FailingDisk();
  readonly #opened: Ledger[] = [];

  async open(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
    const { clock, directory, disk } = this;
    const wallTime = (): number => clock.wallTime();
    const ledger = await openLedger({ directory, wallTime, clock, fileSystem: disk, ...options });
    this.#opened.push(ledger);
    return ledger;
  }

  /** Names of the files of the journal or the content, in the order of their numbers. */
  files(folder: 'journal' | 'content'): readonly string[] {
    return readdirSync(join(this.directory, folder))
      .filter((name) => /\.(jnl|dat)$/.test(name))
      .toSorted((a, b) => segmentNumber(a) - segmentNumber(b));
  }

  /** The frames of a writer, their chain checked. */
  frames(writer: string): readonly ReadFrame[] {
    return this.files('journal')
      .filter((name) => name.startsWith(`${writer}-`))
      .flatMap((segment) =>
        this.#segmentFrames(segment).map(({ seq, hash, payload }) => ({
          segment,
          seq,
          hash: hash.toString('hex'),
          text: payload.toString(),
        })),
      );
  }

  #segmentFrames(segment: string): readonly SegmentFrame[] {
    const frames = readSegment(join(this.directory, 'journal', segment), { from: null, upTo: null, checkChain: true });
    const found: SegmentFrame[] = [];
    for (;;) {
      const step = frames.next();
      if (step.done === true) {
        if (step.value.kind === 'damaged') throw new Error(`${segment} is damaged at byte ${step.value.offset}`);
        return found;
      }
      found.push(step.value);
    }
  }

  /** The lines of the log of checkpoints. */
  lines(): readonly string[] {
    const path = join(this.directory, 'journal', 'checkpoints.jsonl');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  }

  statements(): readonly Statement[] {
    return this.lines().map((line) => {
      const statement = decodeStatement(line);
      if (statement === null) throw new Error(`no checkpoint: ${line}`);
      return statement;
    });
  }

  /** What `candor verify` would find wrong. */
  problems(): readonly unknown[] {
    const { ok, problems } = verifyLedger(this.directory, { publicKeys: null, keptCheckpoints: null });
    return ok || problems.length > 0 ? problems : ['not ok'];
  }

  async close(): Promise<void> {
    for (const ledger of this.#opened) await ledger.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The machine's file system, whose writes a test can let fail. */
export class FailingDisk implements FileSystem {
  /** The code of the error with which every write fails; `null`: none does. */
  failing: string | null = null;
  /** Which files it concerns, by their path. */
  concerns: (path: string) => boolean = () => true;
  /** So many bytes of a write are taken before it fails. */
  taken = 5;
  readonly #paths = new Map<number, string>();

  openNew(path: string): number {
    return this.#opened(path, nodeFileSystem.openNew(path));
  }
  openShared(path: string): number {
    return this.#opened(path, nodeFileSystem.openShared(path));
  }
  write(descriptor: number, bytes: Buffer, offset: number, position: number | null): number {
    if (this.failing === null || !this.concerns(this.#paths.get(descriptor) ?? '')) {
      return nodeFileSystem.write(descriptor, bytes, offset, position);
    }
    if (this.taken > 0 && offset === 0) {
      return nodeFileSystem.write(descriptor, bytes.subarray(0, this.taken), 0, position);
    }
    throw Object.assign(new Error(`${this.failing}: injected`), { code: this.failing });
  }
  truncate(descriptor: number, length: number): void {
    nodeFileSystem.truncate(descriptor, length);
  }
  close(descriptor: number): void {
    this.#paths.delete(descriptor);
    nodeFileSystem.close(descriptor);
  }

  #opened(path: string, descriptor: number): number {
    this.#paths.set(descriptor, path);
    return descriptor;
  }
}

/** An intent with what the ledger looks at, and a little more. */
export function intentOf(id: string): IntentRecord {
  return {
    id,
    object: 'intent',
    created_at: '2026-11-02T12:00:00.000Z',
    key: null,
    dialect: 'openai-chat',
    stream: false,
    config: 'abc',
    asked: 'legal',
    route: 'legal',
    data: ['public'],
    request: { sha256: '00' },
    plan: ['openai/gpt-4o'],
    simulated: true,
    trace: 'http://127.0.0.1:4141/r/gen',
  };
}

/** An event of a kind, created when the test says. */
export function eventOf(object: LedgerEventKind, id: string, createdAt: string, body: JsonObject = {}): LedgerEvent {
  return { id, object, created_at: createdAt, body };
}

/** As much of a final record as the ledger itself looks at. */
export function recordOf(id: string, endedAt = '2026-11-02T12:00:00.000Z'): GenerationRecord {
  const record: JsonObject = {
    id,
    object: 'generation',
    status: 'complete',
    http: 200,
    created_at: intentOf(id).created_at,
    ended_at: endedAt,
    request: { body: null },
    attempts: [],
  };
  return record as unknown as GenerationRecord;
}
