import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Clock, Timer } from '../core/clock.ts';
import { parseJson } from '../core/json.ts';
import type { Telemetry } from './telemetry.ts';

const PERIOD_MS = 10_000;
/** They take about a millisecond, when prompts of every size were measured. */
const METERS_PER_TURN = 8;

/** What `openTelemetryFile` needs. */
export interface TelemetryFileParts {
  /** Is made when there is none. */
  readonly directory: string;
  /** The file's name, without `.json`. */
  readonly name: string;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /** Told of a file that cannot be read or written; the gateway goes on without it. */
  readonly onWarning: (message: string) => void;
}

/**
 * Keeps what is measured in a file, so that it outlives the process: reads it now, and writes it at most every 10 s when
 * something has changed, and when it is closed. A file that is no good is reported, ignored and later replaced.
 */
export async function openTelemetryFile(parts: TelemetryFileParts): Promise<TelemetryFile> {
  const path = join(parts.directory, `${parts.name}.json`);
  try {
    const text = await readFile(path, 'utf8');
    if (!parts.telemetry.restore(parseJson(text) ?? null)) {
      parts.onWarning(
        `${path} holds no measurements that this version can read: it is ignored, and measuring begins anew`,
      );
    }
  } catch (error) {
    if (!isCode(error, 'ENOENT')) {
      parts.onWarning(`${path} cannot be read (${reasonOf(error)}): it is ignored, and measuring begins anew`);
    }
  }
  return new TelemetryFile(path, parts);
}

/** The file in which measurements outlive the process. */
export class TelemetryFile {
  readonly #path: string;
  readonly #parts: TelemetryFileParts;
  #writtenObservations: number;
  #timer: Timer | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;
  #hasWarned = false;

  constructor(path: string, parts: TelemetryFileParts) {
    this.#path = path;
    this.#parts = parts;
    this.#writtenObservations = parts.telemetry.observations;
    this.#schedule();
  }

  /** Writes what has changed since the last time, and never again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#writing;
    await this.#writeChanges();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = this.#parts.clock.setTimer(PERIOD_MS, () => {
      this.#writing = this.#writeChanges();
      void this.#writing.then(() => this.#schedule());
    });
  }

  /** Never rejects: without the file measuring begins anew after a restart, and that is all. */
  async #writeChanges(): Promise<void> {
    const { telemetry, directory, onWarning } = this.#parts;
    const { observations } = telemetry;
    if (observations === this.#writtenObservations) return;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeWhole(this.#path, await snapshotText(telemetry));
      this.#writtenObservations = observations;
      this.#hasWarned = false;
    } catch (error) {
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      onWarning(
        `measurements could not be written to ${this.#path} (${reasonOf(error)}); it is tried again every ` +
          `${PERIOD_MS / 1000} s, and until then they do not outlive this process`,
      );
    }
  }
}

/** The text of a snapshot, made a little at a time, so that requests are served in between. */
async function snapshotText(telemetry: Telemetry): Promise<string> {
  const { version, at, meters } = telemetry.snapshotParts();
  const texts: string[] = [];
  for (const each of meters) {
    texts.push(JSON.stringify(each));
    if (texts.length % METERS_PER_TURN === 0) await setImmediate();
  }
  return `{"version":${version},"at":${at},"meters":[${texts.join(',\n')}]}\n`;
}

/** Puts the text there at once: whoever reads sees the old one or the new one, also after a power cut. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
