import type { JsonObject, JsonValue } from '../core/json.ts';
import type { AskProcesses, ProcessAnswers, ProcessQuestion } from '../core/process-question.ts';
import type { DrainTimes, ServerSettings } from '../core/route.ts';
import { Shadows } from '../pipeline/shadows.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { workerGauges } from '../telemetry/metrics/workers-metrics.ts';
import type { AccessLog } from './access-log.ts';
import { ComparisonSlot } from './comparison-slot.ts';
import type { OutcomeListener, ServerContext } from './endpoint.ts';
import { startHealthThread, type HealthThread } from './health-thread.ts';
import { startListening, type ListeningAddress } from './listener.ts';
import { watchLoopDelay } from './loop-delay.ts';
import { OpenRequests } from './open-requests.ts';
import { Overload, type Pressure } from './overload.ts';
import { processAnswer } from './process-answer.ts';
import { createHttpServer } from './server.ts';
import { Shutdown } from './shutdown.ts';

export interface HttpServiceOptions extends Omit<
  ServerContext,
  'requests' | 'overload' | 'ask' | 'outcomes' | 'comparisons' | 'shadows'
> {
  readonly log: AccessLog;
  /** Bounds beyond which requests are refused, beside those of the server itself. */
  readonly pressures: readonly Pressure[];
  /** `null`: this process serves the port alone. */
  readonly ask: AskProcesses | null;
  /** Nobody when left out: outcomes are on record all the same. */
  readonly outcomes?: OutcomeListener;
}

const NOBODY: OutcomeListener = { add: () => undefined };

/** The HTTP side of a gateway, from its first connection to its last. */
export class HttpService {
  readonly #shutdown: Shutdown;
  readonly #listen: (settings: Pick<ServerSettings, 'host' | 'port'>) => Promise<ListeningAddress>;
  readonly #overload: Overload;
  readonly #context: ServerContext;
  readonly #metrics: Metrics;
  #stopWatching: () => void = () => undefined;
  #health: HealthThread | null = null;

  constructor({ log, pressures, ask, outcomes = NOBODY, ...parts }: HttpServiceOptions) {
    const requests = new OpenRequests();
    const { inFlight, clock, metrics } = parts.steps;
    this.#metrics = metrics;
    this.#overload = new Overload(pressures, (report) => {
      metrics.shed(report.refused);
      log.shed(report);
    });
    const alone: AskProcesses = (question, argument) => Promise.resolve(this.#answerAlone(question, argument));
    this.#context = {
      ...parts,
      outcomes,
      comparisons: new ComparisonSlot(),
      shadows: new Shadows(),
      requests,
      overload: this.#overload,
      ask: ask ?? alone,
    };
    const server = createHttpServer(this.#context, log);
    this.#shutdown = new Shutdown({ server, requests, inFlight, clock });
    this.#listen = (settings) => startListening(server, settings, (error) => log.failure('server', error));
  }

  /** Listens where the settings say, for health too. @throws Error when an address is taken or not ours */
  async listen(settings: Pick<ServerSettings, 'host' | 'port' | 'health'>): Promise<ListeningAddress> {
    const bound = await this.#listen(settings);
    this.#stopWatching = watchLoopDelay((delayMs, now) => {
      this.#metrics.loopDelay(delayMs);
      return this.#overload.observe(delayMs, now);
    });
    if (settings.health !== null) this.#health = await startHealthThread(settings.health);
    return bound;
  }

  /** What this process says to a question that is asked of all that serve the port. */
  answer(question: ProcessQuestion, argument: JsonObject): JsonValue {
    return processAnswer(question, argument, this.#context);
  }

  #answerAlone(question: ProcessQuestion, argument: JsonObject): ProcessAnswers {
    const answer = this.answer(question, argument);
    return { workers: 1, answers: question === 'metrics' ? [answer, workerGauges(1, 1)] : [answer] };
  }

  /** Lets what is under way end by itself, for so long; `end` cuts it short. */
  drain(times: DrainTimes): Promise<void> {
    return this.#shutdown.drain(times);
  }

  /** Ends what is under way, each with its own last word, and stops listening. Health is answered to the last. */
  async end(): Promise<void> {
    await this.#shutdown.end();
    this.#stopWatching();
    await this.#health?.stop();
  }
}
