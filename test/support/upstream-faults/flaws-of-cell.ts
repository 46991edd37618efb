import type { Cell } from './cells.ts';
import type { FaultBench, ReadRecord } from './fault-bench.ts';
import { flawsOfFlapping } from './flaws-of-flapping.ts';
import { flawsOfAnswer, flawsOfBreak, flawsOfFailure, TOLERANCE_MS } from './flaws-of-outcome.ts';
import { CANARY } from './canary.ts';
import { candorOf, differ, type Given } from './given.ts';
import { healthy } from './healthy.ts';
import type { Listener } from './listener.ts';
import { STANDBYS, upstreamOf } from './surroundings.ts';

const TOOL = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
} as const;

const NO_REQUEST: ReadonlySet<string> = new Set([
  'unreachable',
  'connect_timeout',
  'dns',
  'dns_timeout',
  'address_forbidden',
  'tls',
]);

/**
 * Plays one cell and says in words all that is not as the table promises. Empty: nothing.
 * @param heldUpMs for how long this process itself has stood still so far
 */
export async function flawsOfCell(bench: FaultBench, cell: Cell, heldUpMs: () => number): Promise<readonly string[]> {
  const { expected, wire } = cell.variant;
  if (expected.outcome === 'flaps') return flawsOfFlapping(bench, cell);
  const flaws: string[] = [];
  if (wire.at === 'server') {
    const upstream = upstreamOf(bench.surroundings, cell);
    if (wire.isPrimed === true) {
      upstream.play(healthy(cell.protocol));
      const primed = await ask(bench, cell);
      if (primed.response.status !== 200) flaws.push(`the request before it got ${primed.response.status}`);
    }
    upstream.play(wire.script);
  }
  if (expected.outcome === 'fails' && expected.isRetried && cell.mode !== 'fallback') await bench.earnRetry();
  const before = heardBy(bench, cell);
  const heldUpBeforeMs = heldUpMs();
  const given = await ask(bench, cell);
  const lateMs = TOLERANCE_MS + heldUpMs() - heldUpBeforeMs;
  flaws.push(...flawsOfMarks(given, cell), ...flawsOfAsked(bench, cell, given.record, before));
  if (expected.outcome === 'fails') flaws.push(...flawsOfFailure(given, cell, expected, lateMs));
  else if (expected.outcome === 'breaks') flaws.push(...flawsOfBreak(given, cell, expected, lateMs));
  else flaws.push(...flawsOfAnswer(given, cell, expected));
  if (cell.variant.closes === true && !(await hasClosed(bench, cell))) flaws.push('a connection to it is still open');
  if (wire.at === 'rebound name' && listenerOf(bench, cell)?.connections() !== 0) flaws.push('it was connected to');
  return flaws;
}

async function ask(bench: FaultBench, cell: Cell): Promise<Given> {
  const startedAt = performance.now();
  const response = await bench.ask({
    model: `r${cell.id}`,
    stream: cell.stream,
    messages: [{ role: 'user', content: markOf(cell) }],
    ...(cell.variant.asksForTool === true ? { tools: [TOOL] } : {}),
  });
  const text = await response.text();
  const wallMs = performance.now() - startedAt;
  return { response, text, record: await bench.record(response.headers.get('x-request-id') ?? ''), wallMs };
}

/** By which a standby's request is known as this cell's. */
function markOf({ id }: Cell): string {
  return `Question ${id}.`;
}

async function hasClosed(bench: FaultBench, cell: Cell): Promise<boolean> {
  const listener = listenerOf(bench, cell);
  for (let looks = 0; looks < 100; looks++) {
    if (listener === null || listener.openSockets() === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

/** What is promised of every response, whatever came of it. */
function flawsOfMarks({ response, text, record }: Given, cell: Cell): readonly string[] {
  const { headers } = response;
  const named = headers.get('x-candor-attempts')?.split(', ') ?? [];
  const recorded = record.attempts.map(({ deployment, status, kind }) => `${deployment};status=${status ?? kind}`);
  const told = candorOf(text, cell)?.['attempts'] as readonly { deployment: string; kind: string }[] | undefined;
  const leaks = [text, JSON.stringify(record), JSON.stringify([...headers])].filter((each) => each.includes(CANARY));
  return [
    ...differ(
      'attempts in the header',
      named.map((each) => each.slice(0, each.lastIndexOf(';ms='))),
      recorded,
    ),
    ...differ(
      'attempts in the body',
      told?.map(({ deployment, kind }) => `${deployment} ${kind}`),
      record.attempts.map(({ deployment, kind }) => `${deployment} ${kind}`),
    ),
    ...differ('id', record.id, headers.get('x-request-id')),
    ...differ('location', headers.get('location'), null),
    ...leaks.map(() => 'the key was shown'),
  ];
}

/** How many requests of the cell its own upstream has heard, and the one that stands in. */
interface Heard {
  readonly own: number;
  readonly standby: number;
}

function heardBy(bench: FaultBench, cell: Cell): Heard {
  const mark = markOf(cell);
  return {
    own: listenerOf(bench, cell)?.requests.length ?? 0,
    standby: bench.surroundings.standbys[STANDBYS[cell.protocol]].requests.filter(({ body }) => body.includes(mark))
      .length,
  };
}

/** Nobody was asked who is not on record, nor the other way round. */
function flawsOfAsked(bench: FaultBench, cell: Cell, record: ReadRecord, before: Heard): readonly string[] {
  const own = record.attempts.filter(({ deployment }) => deployment === `p${cell.id}/m${cell.id}`);
  const heard = heardBy(bench, cell);
  const sent = own.filter(({ kind }) => !NO_REQUEST.has(kind)).length;
  return [
    ...differ('requests heard', heard.own - before.own, sent),
    ...differ('requests the standby heard', heard.standby - before.standby, record.attempts.length - own.length),
  ];
}

function listenerOf({ surroundings }: FaultBench, { id }: Cell): Listener | null {
  return surroundings.listeners.get(id) ?? null;
}
