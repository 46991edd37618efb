import type { ChatRequest } from '../core/chat.ts';
import type { ClientDialect } from '../core/client-dialect.ts';
import { newGenerationId } from '../core/identifier.ts';
import type { Configuration } from '../core/route.ts';
import type { Aside } from './aside.ts';
import type { ClientConnection, Exchange, Steps } from './exchange.ts';
import type { Generation } from './generation.ts';

/** A question of Candor's own. */
export interface AsideQuestion {
  readonly aside: Aside;
  readonly request: ChatRequest;
  readonly dialect: ClientDialect;
  readonly configuration: Configuration;
  /** Ends it when nobody waits for it any more; left out: somebody does. */
  readonly signal?: AbortSignal;
}

/** What handles a request: `handleChat`, handed in since it asks aside itself while it checks an answer. */
export type HandleChat = (exchange: Exchange, steps: Steps) => Promise<Generation>;

/** Asks it, and tells nobody: the answer is in the generation, and on record. It never throws. */
export async function askAside(question: AsideQuestion, steps: Steps, handle: HandleChat): Promise<Generation> {
  const { aside, request, dialect, configuration, signal } = question;
  const held = steps.held.hold();
  held.add(request.original.bytes.length);
  const ended = new AbortController();
  const exchange: Exchange = {
    id: newGenerationId(steps.clock.wallTime()),
    request,
    dialect,
    client: signal === undefined ? NOBODY : nobodyUntil(signal, ended.signal),
    held,
    configuration,
    arrivedAt: steps.clock.now(),
    aside,
  };
  try {
    return await handle(exchange, steps);
  } finally {
    ended.abort();
    held.release();
  }
}

/** Takes every byte and keeps none. */
const NOBODY: ClientConnection = {
  closed: false,
  onClosed: () => undefined,
  start: () => undefined,
  write: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
};

/** @param ended when there is nothing left to give up */
function nobodyUntil(gone: AbortSignal, ended: AbortSignal): ClientConnection {
  return {
    ...NOBODY,
    get closed() {
      return gone.aborted;
    },
    onClosed: (callback) => {
      if (gone.aborted) callback();
      else gone.addEventListener('abort', callback, { once: true, signal: ended });
    },
  };
}
