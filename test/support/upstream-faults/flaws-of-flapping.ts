import type { Cell } from './cells.ts';
import type { FaultBench } from './fault-bench.ts';
import { upstreamOf } from './surroundings.ts';

const REQUESTS = 20;
/** Attempts for a request, under which nobody notices that an upstream fails. */
const MOST_ATTEMPTS = 1.2;
/** What a request may take that nobody is asked about. */
const AT_ONCE_MS = 150;

/** Asks again and again while every other answer fails: the circuit opens, and from then on nobody waits for it. */
export async function flawsOfFlapping(bench: FaultBench, cell: Cell): Promise<readonly string[]> {
  const { wire } = cell.variant;
  const upstream = upstreamOf(bench.surroundings, cell);
  if (wire.at === 'server') upstream.play(wire.script);
  const statuses: number[] = [];
  const reasons: string[] = [];
  let slowestMs = 0;
  for (let asked = 0; asked < REQUESTS; asked++) {
    const startedAt = performance.now();
    const response = await bench.ask({
      model: `r${cell.id}`,
      stream: cell.stream,
      messages: [{ role: 'user', content: 'Hello' }],
    });
    const text = await response.text();
    statuses.push(response.status);
    reasons.push(response.headers.get('x-candor-fallback') ?? '', /"code":"(\w+)"/.exec(text)?.[1] ?? '');
    if (statuses.length > REQUESTS / 2) slowestMs = Math.max(slowestMs, performance.now() - startedAt);
  }
  const calls = upstream.requests.length;
  const last = statuses.at(-1);
  const opened = cell.mode === 'fallback' ? '?1;reason=circuit_open' : 'no_available_deployment';
  return [
    ...(calls <= MOST_ATTEMPTS * REQUESTS ? [] : [`${calls} calls for ${REQUESTS} requests`]),
    ...(reasons.includes(opened) ? [] : [`its circuit never opened: ${reasons.join(' ')}`]),
    ...(last === (cell.mode === 'fallback' ? 200 : 503) ? [] : [`the last request got ${last}`]),
    ...(slowestMs < AT_ONCE_MS * 3 ? [] : [`a request that nobody was asked about took ${Math.round(slowestMs)} ms`]),
    ...(cell.mode === 'fallback' && statuses.some((status) => status !== 200)
      ? [`not all were answered: ${statuses.join()}`]
      : []),
  ];
}
