import type { Timeouts } from '../core/deployment.ts';
import { failure } from '../core/failure.ts';
import type { Watch } from '../transport/watchdog.ts';
import type { Exchange, Steps } from './exchange.ts';
import type { Interruption } from './interruption.ts';

/** Watches the one deadline over all attempts: the route's, or the client's own where that is shorter. */
export function watchDeadline(exchange: Exchange, timeouts: Timeouts, interruption: Interruption, steps: Steps): Watch {
  const totalMs = exchange.request.stream ? timeouts.totalStreamMs : timeouts.totalMs;
  const askedMs = exchange.request.directives.timeoutMs;
  const isClients = askedMs !== null && askedMs <= totalMs;
  const limitMs = isClients ? askedMs : totalMs;
  const late = failure(
    isClients ? 'deadline_exceeded' : 'total_timeout',
    `the request was not done within ${limitMs} ms`,
  );
  return steps.transport.watch(limitMs, () => interruption.interrupt(late));
}
