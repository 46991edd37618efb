import { flawsOfBrokenStream, flawsOfCompleteStream, readStream } from '../stream-reading.ts';
import { CANARY } from './canary.ts';
import type { Cell } from './cells.ts';
import { STANDBY_WORDS, STANDBYS, type FaultBench, type ReadRecord } from './fault-bench.ts';
import type { Answers, Breaks, Fails } from './fault-row.ts';
import { flawsOfFlapping } from './flaws-of-flapping.ts';
import { healthy } from './healthy.ts';

/** How late anything may be that was due. */
const TOLERANCE_MS = 150;
/** Deadlines go by whole ticks, and times are rounded. */
const EARLY_MS = 25;
/** On the wall everything may take so many times what it should: the machine is not ours alone. */
const WALL_FACTOR = 3;
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

/** What came of one request. */
interface Given {
  readonly response: Response;
  readonly text: string;
  readonly record: ReadRecord;
  readonly wallMs: number;
}

/**
 * Plays one cell and says in words all that is not as the table promises. Empty: nothing.
 * @param heldUpMs for how long this process itself has stood still so far
 */
export async function flawsOfCell(bench: FaultBench, cell: Cell, heldUpMs: () => number): Promise<readonly string[]> {
  const { expected, wire } = cell.variant;
  if (expected.outcome === 'flaps') return flawsOfFlapping(bench, cell);
  const flaws: string[] = [];
  if (wire.at === 'server') {
    const upstream = bench.upstreamOf(cell);
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
  if (wire.at === 'rebound name' && bench.listenerOf(cell)?.connections() !== 0) flaws.push('it was connected to');
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
  const listener = bench.listenerOf(cell);
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
    ...differ('attempts in the header', named.map((each) => each.slice(0, each.lastIndexOf(';ms='))), recorded),
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
    own: bench.listenerOf(cell)?.requests.length ?? 0,
    standby: bench.standbys[STANDBYS[cell.protocol]].requests.filter(({ body }) => body.includes(mark)).length,
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

function flawsOfFailure(given: Given, cell: Cell, expected: Fails, lateMs: number): readonly string[] {
  const { record, wallMs } = given;
  const standsIn = cell.mode === 'fallback' && !expected.endsAll;
  const isRetried = expected.isRetried && cell.mode !== 'fallback';
  const attempts = record.attempts.slice(0, isRetried ? 2 : 1);
  const pauseMs = isRetried ? expected.pauseMs[1] : 0;
  const dueMs = attempts.length * (expected.withinMs + TOLERANCE_MS) + pauseMs;
  const [first, second] = attempts;
  const paused = second === undefined || first === undefined ? null : wallMs - first.ms - second.ms;
  return [
    ...differ('attempts', record.attempts.length, standsIn || isRetried ? 2 : 1),
    ...attempts.flatMap((attempt, index) => [
      ...differ(`attempt ${index + 1}`, attemptSeen(attempt), {
        why: index === 0 ? 'primary' : 'retry',
        kind: kindOf(expected.code),
        status: expected.status,
        possibly_billed: expected.isBilled,
        finish: null,
      }),
      ...flawsOfTime(`attempt ${index + 1}`, attempt.ms, expected, lateMs),
    ]),
    ...(paused !== null && paused < expected.pauseMs[0] - EARLY_MS ? [`it waited only ${paused} ms`] : []),
    ...(wallMs > WALL_FACTOR * dueMs + lateMs ? [`it took ${Math.round(wallMs)} ms, due within ${dueMs}`] : []),
    ...(standsIn ? flawsOfStandIn(given, cell, expected) : flawsOfError(given, cell, expected)),
  ];
}

function attemptSeen({ why, kind, status, possibly_billed, finish }: ReadRecord['attempts'][number]) {
  return { why, kind, status, possibly_billed, finish };
}

function flawsOfTime(what: string, ms: number, row: { withinMs: number; leastMs: number }, lateMs: number): readonly string[] {
  if (ms > row.withinMs + lateMs) return [`${what} took ${ms} ms, due within ${row.withinMs} + ${Math.round(lateMs)}`];
  return ms < row.leastMs - EARLY_MS ? [`${what} was given up after ${ms} ms, before ${row.leastMs}`] : [];
}

function flawsOfError({ response, text, record }: Given, cell: Cell, expected: Fails): readonly string[] {
  const { error } = JSON.parse(text) as {
    error: { code: string; message: string; candor: { id: string; fix: unknown; refused: { rule: string }[] } };
  };
  const { headers } = response;
  return [
    ...differ('status and code', [response.status, error.code], [expected.http, expected.code]),
    ...differ('x-should-retry', headers.get('x-should-retry'), String(expected.shouldRetry)),
    ...differ('retry-after', /^[1-9]\d*$/.test(headers.get('retry-after') ?? ''), expected.shouldRetry),
    ...differ('x-candor-fallback', headers.get('x-candor-fallback'), '?0'),
    ...differ('x-candor-served-by', headers.get('x-candor-served-by'), null),
    ...differ('content-type', headers.get('content-type'), 'application/json'),
    ...differ('refused', error.candor.refused.map(({ rule }) => rule), cell.mode === 'forbidden' ? ['fallback'] : []),
    ...differ('fix', typeof error.candor.fix, 'string'),
    ...(error.message.includes(`p${cell.id}/m${cell.id}`) ? [] : ['the message names nobody']),
    ...(/<h1>|169\.254/.test(text) ? ['what the vendor wrote was relayed'] : []),
    ...differ('record', recordSeen(record), { status: 'failed', http: expected.http, error: expected.code, served_by: null }),
  ];
}

function flawsOfStandIn({ response, text, record }: Given, cell: Cell, expected: Fails): readonly string[] {
  const standby = `standby-${STANDBYS[cell.protocol]}`;
  const candor = candorOf(text, cell);
  return [
    ...differ('status', response.status, 200),
    ...differ('text', textOf(text, cell), STANDBY_WORDS.map((word) => `${word} `).join('')),
    ...(cell.stream ? flawsOfCompleteStream(text) : []),
    ...differ('x-candor-fallback', response.headers.get('x-candor-fallback'), `?1;reason=${expected.code}`),
    ...differ('x-candor-degraded', response.headers.get('x-candor-degraded'), '?1;reason=uncertified'),
    ...differ('x-candor-served-by', response.headers.get('x-candor-served-by'), `${standby}/${standby}`),
    ...differ('fallback', candor?.['fallback'], { reason: expected.code, certificate: null }),
    ...differ('the other attempt', [record.attempts[1]?.why, record.attempts[1]?.kind], ['fallback', 'ok']),
    ...differ('record', recordSeen(record), {
      status: 'complete',
      http: 200,
      error: null,
      served_by: `${standby}/${standby}`,
    }),
  ];
}

function flawsOfBreak({ response, text, record }: Given, cell: Cell, expected: Breaks, lateMs: number): readonly string[] {
  const [attempt] = record.attempts;
  const stream = readStream(text);
  return [
    ...differ('status', response.status, 200),
    ...flawsOfBrokenStream(text),
    ...differ('code', stream.error?.code, expected.code),
    ...(stream.hasContent ? [] : ['no content had gone out']),
    ...(/yksi|kaksi/.test(text) ? ['another model went on'] : []),
    ...differ('attempts', record.attempts.length, 1),
    ...differ('attempt', attempt === undefined ? null : attemptSeen(attempt), {
      why: 'primary',
      kind: kindOf(expected.code),
      status: 200,
      possibly_billed: true,
      finish: null,
    }),
    ...(attempt === undefined ? [] : flawsOfTime('the attempt', attempt.ms, expected, lateMs)),
    ...differ('record', recordSeen(record), {
      status: 'failed',
      http: 200,
      error: expected.code,
      served_by: record.served_by,
    }),
    ...differ('cost', record.cost, null),
    ...(cell.stream ? [] : ['a whole answer cannot break']),
  ];
}

function flawsOfAnswer({ response, text, record }: Given, cell: Cell, expected: Answers): readonly string[] {
  const attempts = record.attempts.map(({ why, kind }) => `${why} ${kind}`);
  const last = record.attempts.at(-1);
  return [
    ...differ('status', response.status, 200),
    ...differ('text', textOf(text, cell), expected.text),
    ...(cell.stream ? flawsOfCompleteStream(text) : []),
    ...(text.includes('smuggled') ? ['it holds the answer to somebody else'] : []),
    ...differ('attempts', attempts, expected.isStale ? ['primary stale_socket', 'retry ok'] : ['primary ok']),
    ...differ('flags', last?.flags, expected.flags),
    ...differ('degraded', record.degraded?.reason ?? null, expected.degraded),
    ...differ('validation', record.validation.status, expected.validation),
    ...differ('whether its usage is known', last?.usage !== null, expected.hasUsage),
    ...(expected.model === null ? [] : differ('model', modelOf(text, cell), expected.model)),
    ...differ('x-candor-fallback', response.headers.get('x-candor-fallback'), '?0'),
    ...differ('record', recordSeen(record), {
      status: 'complete',
      http: 200,
      error: null,
      served_by: `p${cell.id}/m${cell.id}`,
    }),
  ];
}

function recordSeen({ status, http, error, served_by }: ReadRecord) {
  return { status, http, error: error?.code ?? null, served_by };
}

/** What the whole answer says, or all of a stream. */
function textOf(text: string, { stream }: Cell): string {
  if (stream) return readStream(text).text;
  const { choices } = JSON.parse(text) as { choices?: { message: { content: string | null } }[] };
  return choices?.[0]?.message.content ?? '';
}

function modelOf(text: string, { stream }: Cell): unknown {
  return stream ? readStream(text).models.join() : (JSON.parse(text) as { model?: unknown }).model;
}

/** The `candor` object, wherever it rides. */
function candorOf(text: string, { stream }: Cell): Readonly<Record<string, unknown>> | null {
  if (stream && text.startsWith('data:')) {
    const read = readStream(text);
    return read.candor ?? read.error?.candor ?? null;
  }
  const json = JSON.parse(text) as { candor?: Record<string, unknown>; error?: { candor: Record<string, unknown> } };
  return json.candor ?? json.error?.candor ?? null;
}

function kindOf(code: string): string {
  return code.replace('upstream_', '');
}

/** A sentence where two values are not the same. */
function differ(what: string, got: unknown, wanted: unknown): readonly string[] {
  const [is, should] = [JSON.stringify(got), JSON.stringify(wanted)];
  return is === should ? [] : [`${what}: ${is} instead of ${should}`];
}
