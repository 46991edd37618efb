import type { DrainTimes, ServerSettings } from '../core/route.ts';
import type { AccessLog } from './access-log.ts';
import type { ServerContext } from './endpoint.ts';
import { startHealthThread, type HealthThread } from './health-thread.ts';
import { startListening, type ListeningAddress } from './listener.ts';
import { watchLoopDelay } from './loop-delay.ts';
import { OpenRequests } from './open-requests.ts';
import { Overload, type Pressure } from './overload.ts';
import { createHttpServer } from './server.ts';
import { Shutdown } from './shutdown.ts';

export interface HttpServiceOptions extends Omit<ServerContext, 'requests' | 'overload'> {
  readonly log: AccessLog;
  /** Bounds beyond which requests are refused, beside those of the server itself. */
  readonly pressures: readonly Pressure[];
}

/** The HTTP side of a gateway, from its first connection to its last. */
export class HttpService {
  readonly #shutdown: Shutdown;
  readonly #listen: (settings: Pick<ServerSettings, 'host' | 'port'>) => Promise<ListeningAddress>;
  readonly #overload: Overload;
  #stopWatching: () => void = () => undefined;
  #health: HealthThread | null = null;

  constructor({ log, pressures, ...parts }: HttpServiceOptions) {
    const requests = new OpenRequests();
    const { inFlight, clock } = parts.steps;
    this.#overload = new Overload(pressures, (report) => log.shed(report));
    const server = createHttpServer({ ...parts, requests, overload: this.#overload }, log);
    this.#shutdown = new Shutdown({ server, requests, inFlight, clock });
    this.#listen = (settings) => startListening(server, settings, (error) => log.failure('server', error));
  }

  /** Listens where the settings say, for health too. @throws Error when an address is taken or not ours */
  async listen(settings: Pick<ServerSettings, 'host' | 'port' | 'health'>): Promise<ListeningAddress> {
    const bound = await this.#listen(settings);
    this.#stopWatching = watchLoopDelay((delayMs, now) => this.#overload.observe(delayMs, now));
    if (settings.health !== null) this.#health = await startHealthThread(settings.health);
    return bound;
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
