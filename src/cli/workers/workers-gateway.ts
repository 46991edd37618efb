import type { Logger } from 'pino';

import type { LoadedConfiguration } from '../../config/load.ts';
import { snapshotOf } from '../../config/snapshot/snapshot.ts';
import { systemClock } from '../../core/clock.ts';
import { stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ProcessQuestion } from '../../core/process-question.ts';
import type { Reload } from '../../core/reload.ts';
import { type Fault, FaultRejected } from '../../core/simulation.ts';
import { createKeeper, type Keeper } from '../../keeper.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import type { ConfigLoader } from '../run/config-loader.ts';
import type { RunningGateway } from '../run/running-gateway.ts';
import type { CallOutcome, FromWorker, WorkerConfiguration, WorkerSimulator, WorkerStart } from './messages.ts';
import { Supervisor, type WorkersReady } from './supervisor.ts';

export interface WorkersOptions {
  readonly count: number;
  readonly loaded: LoadedConfiguration;
  readonly loader: ConfigLoader;
  /** The one simulator of all workers; `null`: nothing is simulated. */
  readonly simulator: Simulator | null;
  readonly reload: Reload;
  readonly logger: Logger;
  readonly say: (text: string) => void;
  /** How each worker is to load the configuration. */
  readonly terms: Omit<WorkerStart, 'slot' | 'configuration' | 'adminToken'>;
}

/** What a worker needs for its end beside the time its requests get: to write what waits, and close its ledger. */
const CLOSING_MS = 4000;

/** What a worker has all of them asked. */
interface AskArgument {
  readonly question: ProcessQuestion;
  readonly argument: JsonObject;
}

interface TimedFault {
  readonly fault: Fault;
  readonly endsAtMs: number;
}

/** Takes the folder, for workers that begin when it is told to listen. @throws FolderLocked, and Error when the folder cannot be used */
export async function createWorkersGateway(options: WorkersOptions): Promise<RunningGateway> {
  const { configuration } = options.loaded;
  return new WorkersGateway(options, await createKeeper({ configuration, logger: options.logger }));
}

/** A gateway whose requests are served by several processes. This one holds the folder and what there is once. */
class WorkersGateway implements RunningGateway {
  readonly #options: WorkersOptions;
  readonly #keeper: Keeper;
  readonly #supervisor: Supervisor;
  #loaded: LoadedConfiguration;
  #faults: readonly TimedFault[] = [];
  #closed: Promise<void> | null = null;

  constructor(options: WorkersOptions, keeper: Keeper) {
    this.#options = options;
    this.#keeper = keeper;
    this.#loaded = options.loaded;
    this.#supervisor = new Supervisor({
      count: options.count,
      clock: systemClock,
      start: (slot) => ({
        ...options.terms,
        slot,
        adminToken: keeper.adminToken.reveal(),
        configuration: this.#configuration(this.#loaded),
      }),
      endsWithinMs: (how) => CLOSING_MS + (how === 'drain' ? this.#drainMs() : 0),
      onLost: ({ writer, pid }) => {
        keeper.metrics.leave(pid);
        this.#recover(writer);
      },
      answer: (request) => this.#answer(request),
      say: (sentence) => options.say(`${sentence}\n`),
    });
  }

  get adminToken(): Keeper['adminToken'] {
    return this.#keeper.adminToken;
  }

  get warnings(): readonly string[] {
    return this.#keeper.warnings;
  }

  async listen(): Promise<WorkersReady> {
    await this.#keeper.listen();
    return await this.#supervisor.begin();
  }

  /** All workers or none: when one cannot, the others go back. */
  async use(next: LoadedConfiguration): Promise<void> {
    const previous = this.#loaded;
    // A worker that takes a dead one's place meanwhile must begin with the new one too.
    this.#loaded = next;
    const [problem] = await this.#supervisor.use({ type: 'use', configuration: this.#configuration(next) });
    if (problem === undefined) return;
    this.#loaded = previous;
    await this.#supervisor.use({ type: 'use', configuration: this.#configuration(previous) });
    throw new Error(`a worker could not use it: ${problem}`);
  }

  drain(): Promise<void> {
    return this.#end('drain');
  }

  close(): Promise<void> {
    return this.#end('stop');
  }

  async #end(how: 'drain' | 'stop'): Promise<void> {
    await this.#supervisor.end(how);
    this.#closed ??= this.#keeper.close();
    await this.#closed;
  }

  #drainMs(): number {
    const { graceMs, capMs } = this.#loaded.configuration.server.drain;
    return graceMs + capMs;
  }

  #recover(writer: string): void {
    this.#keeper.recover(writer).catch((error: unknown) => {
      this.#options.say(`what that worker left unfinished is recorded at the next start: ${String(error)}\n`);
    });
  }

  #configuration(loaded: LoadedConfiguration): WorkerConfiguration {
    return {
      snapshot: snapshotOf(loaded, new Date(systemClock.wallTime()).toISOString()),
      moduleTexts: loaded.configuration.hooks.sources.size === 0 ? {} : Object.fromEntries(loaded.moduleTexts),
      secrets: this.#options.loader.secretsOf(loaded),
      simulator: this.#simulator(loaded),
    };
  }

  #simulator(loaded: LoadedConfiguration): WorkerSimulator | null {
    const { simulator } = this.#options;
    if (simulator === null) return null;
    const targets = [...loaded.simulated].flatMap(([name, { models }]) => [name, ...Object.values(models)]);
    return { urls: simulator.urls, targets, faults: this.#faultsLeft() };
  }

  async #answer({ method, argument }: FromWorker & { readonly type: 'call' }): Promise<CallOutcome> {
    try {
      return { ok: true, value: await this.#do(method, argument) };
    } catch (error) {
      const code = error instanceof FaultRejected ? error.code : 'internal_error';
      return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
    }
  }

  async #do(method: (FromWorker & { readonly type: 'call' })['method'], argument: JsonObject): Promise<JsonValue> {
    if (method === 'reload') {
      const result = await this.#options.reload({ dryRun: argument['dryRun'] === true });
      return result as unknown as JsonObject;
    }
    if (method === 'ask') return await this.#ask(argument as unknown as AskArgument);
    const control = this.#options.simulator?.control;
    if (control === undefined) throw new FaultRejected('sim_not_simulated', 'this gateway simulates nothing');
    if (method === 'set_clock') {
      control.setClock(stringMember(argument, 'at') ?? '', stringMember(argument, 'zone') ?? '');
      return null;
    }
    if (method === 'reset_faults') {
      control.reset();
      this.#setFaults([]);
      return null;
    }
    const fault = control.addFault(argument);
    const endsAtMs = fault.for_ms === undefined ? Number.POSITIVE_INFINITY : systemClock.now() + fault.for_ms;
    const others = this.#faults.filter(
      ({ fault: other }) => other.target !== fault.target || other.fault !== fault.fault,
    );
    this.#setFaults([...others, { fault, endsAtMs }]);
    return fault;
  }

  async #ask({ question, argument }: AskArgument): Promise<JsonObject> {
    const answers = await this.#supervisor.ask(question, argument);
    const workers = this.#options.count;
    if (question !== 'metrics') return { workers, answers: [...answers.values()] };
    return { workers, answers: this.#keeper.metrics.families(workers, answers) };
  }

  #setFaults(faults: readonly TimedFault[]): void {
    this.#faults = faults;
    this.#supervisor.broadcast({ type: 'faults', faults: this.#faultsLeft() });
  }

  /** The faults in force, each with the time that is left of it. */
  #faultsLeft(): readonly Fault[] {
    const now = systemClock.now();
    return this.#faults
      .filter(({ endsAtMs }) => endsAtMs > now)
      .map(({ fault, endsAtMs }) =>
        Number.isFinite(endsAtMs) ? { ...fault, for_ms: Math.ceil(endsAtMs - now) } : fault,
      );
  }
}
