import type { Clock } from '../core/clock.ts';
import type { FileSystem } from './journal/append-file.ts';
import { CheckpointLog } from './checkpoints/checkpoint-log.ts';
import { Checkpointer } from './checkpoints/checkpointer.ts';
import { ContentWriter } from './content/content-writer.ts';
import { FileLedger } from './file-ledger.ts';
import { Journal } from './journal/journal.ts';
import type { ContentKey, LedgerKey } from './keyring.ts';
import { LedgerReader } from './ledger-reader.ts';
import type { LedgerWarnings } from './ledger-warnings.ts';
import { RecordWriter } from './record-writer.ts';
import { Recovery } from './recovery.ts';
import { Retention } from './retention.ts';
import type { Rotation } from './journal/segment-files.ts';
import { StoreClient } from './store/store-client.ts';
import type { ConnectStore } from './store/store-port.ts';
import { StoreRoom } from './store-room.ts';

/** What a ledger is made from. */
export interface LedgerMaterial {
  readonly directory: string;
  readonly journalDirectory: string;
  readonly contentDirectory: string;
  readonly writer: string;
  readonly contentKey: ContentKey;
  readonly ledgerKey: LedgerKey;
  readonly isOwner: boolean;
  readonly keepMs: number | null;
  readonly rotation: Rotation;
  readonly unshippedLimit: number;
  readonly wallTime: () => number;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly fileSystem: FileSystem;
  readonly connectStore: ConnectStore;
  readonly warnings: LedgerWarnings;
  readonly unlock: () => void;
}

/** Puts the parts of a ledger together. Nothing is written by it but the header of the first segment. @throws the system's error */
export function assembleLedger(material: LedgerMaterial): FileLedger {
  const { directory, journalDirectory, contentDirectory, writer, fileSystem, clock, wallTime, rotation } = material;
  const onWarning = (message: string): void => material.warnings.add(message);
  const journal = new Journal({ directory: journalDirectory, writer, wallTime, fileSystem, rotation });
  journal.open();
  const content = new ContentWriter({
    directory: contentDirectory,
    writer,
    key: material.contentKey,
    fileSystem,
    wallTime,
    rotation,
  });
  const store = new StoreClient({
    store: { directory, writer },
    connect: material.connectStore,
    clock,
    onShipped: (seq) => records.forget(seq),
  });
  const room = new StoreRoom({ limit: material.unshippedLimit, clock, reason: () => store.failure });
  const records = new RecordWriter({
    journal,
    content,
    clock,
    room,
    onWritten: (segment, upTo, count, seq) => store.written(segment, upTo, count, seq),
    onRecords: () => checkpoints.onRecords(),
    probe: () => checkpoints.signOwn('running'),
  });
  const log = new CheckpointLog(fileSystem, journalDirectory);
  const signing = { writer, key: material.ledgerKey, log, journal, records, clock, wallTime, onWarning };
  const checkpoints = new Checkpointer(signing);
  const { running, lost, unshipped } = records;
  return new FileLedger({
    ...material,
    journal,
    content,
    store,
    records,
    log,
    checkpoints,
    reader: new LedgerReader({ store, contentDirectory, key: material.contentKey, running, lost, unshipped }),
    recovery: new Recovery({ writer, journalDirectory, store, records, checkpoints, log, clock, onWarning }),
    retention: retentionOf(material, { store, records, checkpoints, log, onWarning }),
  });
}

function retentionOf(
  material: LedgerMaterial,
  parts: {
    readonly store: StoreClient;
    readonly records: RecordWriter;
    readonly checkpoints: Checkpointer;
    readonly log: CheckpointLog;
    readonly onWarning: (message: string) => void;
  },
): Retention | null {
  const { keepMs, isOwner, rotation } = material;
  if (keepMs === null || !isOwner) return null;
  return new Retention({ ...material, ...parts, keepMs, contentAgeMs: rotation.ageMs });
}
