import type { IncomingMessage } from 'node:http';

import type { EndpointCall } from './endpoint.ts';
import { RefusalPace } from './refusal-pace.ts';
import { ShedAnswers } from './shed-answer.ts';

/** A request of which no more than its head has been seen. */
export type Arrival = Pick<EndpointCall, 'id' | 'arrivedAt' | 'request' | 'response' | 'context'>;

/** Paths of those who look after the gateway: served whatever it has to do, and to its end. */
const OPERATIONS = /^\/(?:healthz|readyz|metrics|admin\/)/;
/** Not even a client that comes far too early is left without an answer for longer. */
const LONGEST_HOLD_MS = 5_000;

/** Whether the request is one of those that are never refused for want of room or time. */
export function isOperation(request: IncomingMessage): boolean {
  return OPERATIONS.test(request.url ?? '');
}

/** Lets requests in as long as there is room, and refuses the others before anything of them is read. */
export class Admission {
  readonly #answers = new ShedAnswers();
  readonly #pace = new RefusalPace();
  readonly #serve: (arrival: Arrival) => void;

  constructor(serve: (arrival: Arrival) => void) {
    this.#serve = serve;
  }

  /** Serves the request or refuses it; one that has come too early, when it should have come. */
  take(arrival: Arrival): void {
    const { request, response, context } = arrival;
    const waitMs = isOperation(request) ? 0 : this.#pace.waitMs(request.socket, arrival.arrivedAt);
    if (waitMs === 0) {
      this.#decide(arrival);
      return;
    }
    const { requests, steps } = context;
    const timer = steps.clock.setTimer(Math.min(LONGEST_HOLD_MS, waitMs), () => requests.release(response));
    response.once('close', () => {
      timer.cancel();
      requests.forget(response);
    });
    requests.hold(response, () => this.#decide(arrival));
  }

  #decide(arrival: Arrival): void {
    const { id, request, response, context } = arrival;
    const { requests, overload, steps } = context;
    if (requests.leaving) response.shouldKeepAlive = false;
    const mustServe = isOperation(request) || steps.inFlight.ending !== null;
    const reason = mustServe ? null : overload.refusal(requests.count);
    if (reason === null) {
      this.#serve(arrival);
      return;
    }
    const retryAfterMs = this.#pace.retryAfterMs(request.socket, steps.clock.now());
    this.#answers.send(request, response, { id, reason, retryAfterMs, configHash: context.configuration().hash });
  }
}
