import { configurationDiff } from '../../config/snapshot/configuration-diff.ts';
import { restartWords } from '../../config/configuration-holder.ts';
import { diagnosticJson } from '../../config/diagnostic-json.ts';
import type { LoadedConfiguration, LoadResult } from '../../config/load.ts';
import { snapshotOf } from '../../config/snapshot/snapshot.ts';
import type { SnapshotFolder } from '../../config/snapshot/snapshot-folder.ts';
import type { ReloadRequest, ReloadResult } from '../../core/reload.ts';
import type { ConfigLoader } from './config-loader.ts';

export interface ConfigReloaderParts {
  readonly loader: ConfigLoader;
  /** The configuration that the process begins with. */
  readonly started: LoadedConfiguration;
  readonly snapshots: SnapshotFolder;
  /** Has the gateway begin new requests with this configuration. Its snapshot is kept by then. */
  readonly use: (loaded: LoadedConfiguration) => Promise<void>;
  /** Tells the operator what is wrong without keeping anybody from working. */
  readonly warn: (message: string) => void;
}

/** Which configuration a process has in force, and how it comes to another one. One reload at a time. */
export class ConfigReloader {
  readonly #parts: ConfigReloaderParts;
  #inForce: LoadedConfiguration;
  /** What was read last, also when it had errors. */
  #lastRead: LoadResult;
  #running: Promise<unknown> = Promise.resolve();
  #lastKeptMs = 0;

  constructor(parts: ConfigReloaderParts) {
    this.#parts = parts;
    this.#inForce = parts.started;
    this.#lastRead = parts.started;
  }

  /** Says that the process works with the configuration it began with. */
  begin(): void {
    this.#keep(this.#inForce);
  }

  /** The texts that the last load read, evaluated or looked for, by their paths from the config's folder. */
  get textNames(): readonly string[] {
    return [...this.#lastRead.texts.keys(), ...this.#lastRead.moduleTexts.keys()];
  }

  /** Reads the configuration anew and puts it in force; one with errors changes nothing. */
  reload(request: ReloadRequest): Promise<ReloadResult> {
    const result = this.#running.then(() => this.#reload(request));
    this.#running = result.catch(() => undefined);
    return result;
  }

  async #reload({ dryRun }: ReloadRequest): Promise<ReloadResult> {
    const previous = this.#inForce;
    const read = await this.#parts.loader.load();
    if (!dryRun) this.#lastRead = read;
    if (!read.ok) {
      const diagnostics = read.diagnostics.map(diagnosticJson);
      return { ok: false, config: previous.configuration.hash, diagnostics };
    }
    const diff = configurationDiff(previous.configuration, read.configuration);
    if (!dryRun && (diff.length > 0 || !hasSameTexts(previous, read))) await this.#use(read);
    return {
      ok: true,
      config: read.configuration.hash,
      previous: previous.configuration.hash,
      diff,
      needsRestart: restartWords(this.#parts.started.configuration.server, read.configuration.server),
      warnings: read.warnings.map(diagnosticJson),
    };
  }

  async #use(next: LoadedConfiguration): Promise<void> {
    // Kept first: a record may name it from the moment it is in force.
    this.#keep(next);
    try {
      await this.#parts.use(next);
    } catch (error) {
      this.#keep(this.#inForce);
      throw error;
    }
    this.#inForce = next;
    this.#parts.loader.settle(next);
  }

  /** A snapshot that cannot be written keeps nobody from working with the configuration. */
  #keep(loaded: LoadedConfiguration): void {
    const { snapshots, warn } = this.#parts;
    // Two within one millisecond must not look as if either could be the later one.
    const now = new Date(Math.max(Date.now(), this.#lastKeptMs + 1));
    this.#lastKeptMs = now.getTime();
    try {
      snapshots.keep(snapshotOf(loaded, now.toISOString()));
    } catch (error) {
      warn(`config ${loaded.configuration.hash}: its snapshot is not kept: ${(error as Error).message}`);
      return;
    }
    const { keepMs } = this.#parts.started.configuration.server;
    if (keepMs === null) return;
    try {
      snapshots.prune(keepMs, now.getTime());
    } catch (error) {
      warn(`snapshots that no record names any more are not removed: ${(error as Error).message}`);
    }
  }
}

function hasSameTexts(a: LoadResult, b: LoadResult): boolean {
  return a.texts.size === b.texts.size && [...a.texts].every(([name, text]) => b.texts.get(name) === text);
}
