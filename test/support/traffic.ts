import type { TestGateway } from './gateway.ts';
import { turns, type ManualClock } from './manual-clock.ts';

/** What became of one request. */
export interface Arrived {
  /** Seconds after the traffic began, by the test's clock. */
  readonly sentAt: number;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

export interface Traffic {
  readonly perSecond: number;
  readonly seconds: number;
  readonly body: unknown;
  /** Called before each request, with the seconds since the beginning. */
  readonly before?: (second: number) => void;
}

const STEP_MS = 10;
/** Turns of the event loop a step: what is on its way over a socket arrives in between. */
const TURNS_A_STEP = 6;

/** Sends requests at a rate of the manual clock, however slowly they are answered, and waits for all of them. */
export async function sendAtRate(
  gateway: TestGateway,
  clock: ManualClock,
  traffic: Traffic,
): Promise<readonly Arrived[]> {
  const arrived: Arrived[] = [];
  const beganAt = clock.now();
  const total = traffic.perSecond * traffic.seconds;
  let open = 0;
  let sent = 0;
  while (sent < total || open > 0) {
    const elapsedMs = clock.now() - beganAt;
    for (; sent < total && (sent * 1000) / traffic.perSecond <= elapsedMs; sent++) {
      const sentAt = elapsedMs / 1000;
      traffic.before?.(sentAt);
      open += 1;
      void send(gateway, traffic.body, sentAt)
        .then((each) => arrived.push(each))
        .finally(() => (open -= 1));
    }
    clock.advance(STEP_MS);
    await turns(TURNS_A_STEP);
  }
  return arrived;
}

async function send(gateway: TestGateway, body: unknown, sentAt: number): Promise<Arrived> {
  const response = await gateway.post('/v1/chat/completions', body);
  return { sentAt, status: response.status, headers: response.headers, body: await response.text() };
}
