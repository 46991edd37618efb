import process from 'node:process';

import { pino } from 'pino';

import { loadSentConfiguration } from '../../config/load-file.ts';
import { renderDiagnostics } from '../../config/render-diagnostics.ts';
import { snapshotReader } from '../../config/snapshot/snapshot.ts';
import type { JsonObject } from '../../core/json.ts';
import type { ProcessAnswers, ProcessQuestion } from '../../core/process-question.ts';
import type { ReloadRequest, ReloadResult } from '../../core/reload.ts';
import type { Configuration } from '../../core/route.ts';
import { Secret } from '../../core/secret.ts';
import { createGateway, createRegistries, type Gateway } from '../../gateway.ts';
import type {
  CallMethod,
  CallOutcome,
  FromWorker,
  ToWorker,
  WorkerConfiguration,
  WorkerSimulator,
  WorkerStart,
} from './messages.ts';
import { SharedSimulator } from './shared-simulator.ts';

const LOGGER = pino({ level: 'info' }, pino.destination({ dest: 2, sync: true }));

/** The gateway of one worker process: does what its supervisor says, and asks it what concerns all workers. */
class GatewayWorker {
  readonly #start: WorkerStart;
  readonly #calls = new Map<number, (outcome: CallOutcome) => void>();
  #lastCall = 0;
  #simulator: SharedSimulator | null = null;
  #urls: Readonly<Record<string, string>> = {};
  #gateway: Gateway | null = null;
  #begun: Promise<void> | null = null;
  #ending: Promise<void> | null = null;

  constructor(start: WorkerStart) {
    this.#start = start;
  }

  /** Opens and listens. @throws Error when it cannot */
  begin(): Promise<void> {
    this.#begun = this.#begin();
    return this.#begun;
  }

  async #begin(): Promise<void> {
    const { configuration: given, adminToken, slot } = this.#start;
    const configuration = await this.#load(given);
    this.#takeSimulator(given.simulator);
    const urls = (): Readonly<Record<string, string>> => this.#urls;
    const gateway = await createGateway({
      configuration,
      simulator:
        this.#simulator === null
          ? null
          : {
              get urls() {
                return urls();
              },
              control: this.#simulator,
            },
      reload: (request) => this.#reload(request),
      logger: LOGGER,
      worker: {
        adminToken: new Secret(adminToken),
        slot,
        ask: (question, argument) => this.#askAll(question, argument),
      },
    });
    this.#gateway = gateway;
    send({ type: 'writer', writer: gateway.writer });
    const { host, port, url } = await gateway.listen();
    send({ type: 'ready', host, port, url });
  }

  take(message: ToWorker): void {
    switch (message.type) {
      case 'use':
        void this.#useOnceBegun(message.configuration);
        break;
      case 'faults':
        this.#simulator?.setFaults(message.faults);
        break;
      case 'reply':
        this.#calls.get(message.call)?.(message.outcome);
        this.#calls.delete(message.call);
        break;
      case 'ask':
        this.#answer(message);
        break;
      case 'ping':
        send({ type: 'pong' });
        break;
      case 'drain':
      case 'stop':
        void this.end(message.type);
        break;
      case 'start':
        break;
    }
  }

  /** Ends the gateway, and the process with it. To be told to stop cuts a drain short. */
  end(how: 'drain' | 'stop'): Promise<void> {
    if (how === 'stop') void this.#gateway?.close();
    this.#ending ??= this.#end(how);
    return this.#ending;
  }

  async #end(how: 'drain' | 'stop'): Promise<void> {
    if (how === 'drain') await this.#gateway?.drain();
    else await this.#gateway?.close();
    leave();
  }

  /** A gateway that is still being put together would keep the configuration it is made from. */
  async #useOnceBegun(given: WorkerConfiguration): Promise<void> {
    try {
      await this.#begun;
    } catch {
      // It ends, and whoever takes its place begins with this one.
      return;
    }
    send({ type: 'using', problem: await this.#use(given) });
  }

  /** Puts a configuration in force. @returns why it could not be; `null` when it is */
  async #use(given: WorkerConfiguration): Promise<string | null> {
    try {
      const configuration = await this.#load(given);
      this.#takeSimulator(given.simulator);
      this.#gateway?.reload(configuration);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** @throws Error with the findings when the texts give no configuration here */
  async #load({ snapshot, moduleTexts, secrets }: WorkerConfiguration): Promise<Configuration> {
    const { cwd, file, port, state, allowSim } = this.#start;
    const options = {
      mode: 'serve' as const,
      file,
      reader: snapshotReader(snapshot),
      environment: secrets,
      registries: createRegistries(),
      stateDirectory: state,
      port,
      allowSim,
      cwd,
    };
    const result = await loadSentConfiguration(options, new Map(Object.entries(moduleTexts)));
    if (result.ok) return result.configuration;
    throw new Error(renderDiagnostics(result.diagnostics));
  }

  #takeSimulator(simulator: WorkerSimulator | null): void {
    if (simulator === null) return;
    this.#urls = simulator.urls;
    if (this.#simulator === null) this.#simulator = new SharedSimulator(simulator, (...call) => this.#ask(...call));
    else this.#simulator.update(simulator);
  }

  async #reload(request: ReloadRequest): Promise<ReloadResult> {
    const outcome = await this.#ask('reload', { dryRun: request.dryRun });
    if (!outcome.ok) throw new Error(outcome.message);
    // The supervisor's own result, as it went over the channel.
    return outcome.value as unknown as ReloadResult;
  }

  /** One that has not begun, or cannot say, is silent: whoever asks does not wait long. */
  #answer({ ask, question, argument }: ToWorker & { readonly type: 'ask' }): void {
    if (this.#gateway === null) return;
    send({ type: 'answer', ask, answer: this.#gateway.answer(question, argument) });
  }

  async #askAll(question: ProcessQuestion, argument: JsonObject): Promise<ProcessAnswers> {
    const outcome = await this.#ask('ask', { question, argument });
    if (!outcome.ok) throw new Error(outcome.message);
    // The supervisor's own, as they went over the channel.
    return outcome.value as unknown as ProcessAnswers;
  }

  #ask(method: CallMethod, argument: JsonObject): Promise<CallOutcome> {
    const call = ++this.#lastCall;
    return new Promise((resolve) => {
      this.#calls.set(call, resolve);
      send({ type: 'call', call, method, argument });
    });
  }
}

function send(message: FromWorker): void {
  // Without a supervisor there is nobody to tell, and the process is about to end.
  if (process.connected) process.send?.(message);
}

/** Ends the process when what was said last has gone out. */
function leave(): void {
  const exit = (): void => process.exit();
  if (process.connected) process.send?.({ type: 'pong' } satisfies FromWorker, undefined, undefined, exit);
  else exit();
}

/** What the process knows can no longer be trusted, but its records can be saved. */
function obeyFaults(worker: GatewayWorker): void {
  process.on('uncaughtException', (error) => {
    LOGGER.fatal({ event: 'fault', err: error });
    process.exitCode = 1;
    void worker.end('drain');
  });
}

/** Whoever signals the whole group means the supervisor, which then tells its workers; who signals this process alone means it. */
function obeySignals(worker: GatewayWorker): void {
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => void worker.end('drain'));
}

process.once('message', (message: ToWorker) => {
  if (message.type !== 'start') return;
  const worker = new GatewayWorker(message.start);
  obeySignals(worker);
  obeyFaults(worker);
  process.on('message', (next: ToWorker) => worker.take(next));
  worker.begin().catch((error: unknown) => {
    send({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    void worker.end('stop');
  });
});
send({ type: 'up' });
