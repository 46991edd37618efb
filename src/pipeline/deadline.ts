import type { Timeouts } from '../core/deployment.ts';
import { failure } from '../core/failure.ts';
import type { Exchange, Steps } from './exchange.ts';
import type { Interruption } from './interruption.ts';

/** The one deadline over all attempts of a request. */
export interface Deadline {
  /** Milliseconds that are left; never below 0. */
  remainingMs(): number;
  stop(): void;
}

/** Watches the deadline: the route's, or the client's own where that is shorter. */
export function watchDeadline(
  exchange: Exchange,
  timeouts: Timeouts,
  interruption: Interruption,
  steps: Steps,
): Deadline {
  const totalMs = exchange.request.stream ? timeouts.totalStreamMs : timeouts.totalMs;
  const askedMs = exchange.request.directives.timeoutMs;
  const isClients = askedMs !== null && askedMs <= totalMs;
  const limitMs = isClients ? askedMs : totalMs;
  const late = failure(
    isClients ? 'deadline_exceeded' : 'total_timeout',
    `the request was not done within ${limitMs} ms`,
  );
  const passesAt = steps.clock.now() + limitMs;
  const watch = steps.transport.watch(limitMs, () => interruption.interrupt(late));
  return {
    remainingMs: () => Math.max(0, passesAt - steps.clock.now()),
    stop: () => watch.stop(),
  };
}
