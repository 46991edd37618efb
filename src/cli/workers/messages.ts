import type { Snapshot } from '../../config/snapshot/snapshot.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { ProcessQuestion } from '../../core/process-question.ts';
import type { Fault } from '../../core/simulation.ts';

/** A configuration as it goes to a worker: over the channel between the processes, never into an environment or a file. */
export interface WorkerConfiguration {
  /** The texts it is made from: every worker loads these, whatever the file says by now. */
  readonly snapshot: Snapshot;
  /** The texts its functions are evaluated from, by their paths from the config's folder; empty: it has none. */
  readonly moduleTexts: Readonly<Record<string, string>>;
  /** Values of the variables it names; the supervisor has taken them out of its environment. */
  readonly secrets: Readonly<Record<string, string>>;
  /** `null`: nothing is simulated. */
  readonly simulator: WorkerSimulator | null;
}

/** What a worker needs to become a gateway. */
export interface WorkerStart {
  /** Its number among those that live, from 0: what it has measured is kept under it. */
  readonly slot: number;
  readonly cwd: string;
  readonly file: string;
  readonly port: number;
  readonly state: string;
  readonly allowSim: boolean;
  readonly adminToken: string;
  readonly configuration: WorkerConfiguration;
}

/** The simulator that the supervisor runs for all workers. */
export interface WorkerSimulator {
  /** Base URL by provider name. */
  readonly urls: Readonly<Record<string, string>>;
  /** What a fault may name. */
  readonly targets: readonly string[];
  /** In force now; `for_ms` is what is left. */
  readonly faults: readonly Fault[];
}

export type ToWorker =
  | { readonly type: 'start'; readonly start: WorkerStart }
  /** Another configuration is in force. */
  | { readonly type: 'use'; readonly configuration: WorkerConfiguration }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }
  | { readonly type: 'reply'; readonly call: number; readonly outcome: CallOutcome }
  /** Something that every worker is asked. */
  | { readonly type: 'ask'; readonly ask: number; readonly question: ProcessQuestion; readonly argument: JsonObject }
  | { readonly type: 'ping' }
  /** Go as SIGTERM says, or at once. */
  | { readonly type: 'drain' }
  | { readonly type: 'stop' };

/** What a worker asks its supervisor to do, because it concerns all workers. */
export type CallMethod = 'reload' | 'add_fault' | 'reset_faults' | 'set_clock' | 'ask';

export type CallOutcome =
  | { readonly ok: true; readonly value: JsonValue }
  /** `code` is one of the table of errors. */
  | { readonly ok: false; readonly code: string; readonly message: string };

export type FromWorker =
  /** It listens to its supervisor now: what was said before is lost. */
  | { readonly type: 'up' }
  | { readonly type: 'ready'; readonly host: string; readonly port: number; readonly url: string }
  /** It has opened its ledger under this name. */
  | { readonly type: 'writer'; readonly writer: string }
  | { readonly type: 'failed'; readonly message: string }
  /** The configuration it was told to use is in force; `problem`: it could not be, and the one before stays. */
  | { readonly type: 'using'; readonly problem: string | null }
  | { readonly type: 'call'; readonly call: number; readonly method: CallMethod; readonly argument: JsonObject }
  | { readonly type: 'answer'; readonly ask: number; readonly answer: JsonValue }
  | { readonly type: 'pong' };
