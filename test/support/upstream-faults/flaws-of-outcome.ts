import { flawsOfBrokenStream, flawsOfCompleteStream, readStream } from '../stream-reading.ts';
import type { Cell } from './cells.ts';
import type { ReadRecord } from './fault-bench.ts';
import type { Answers, Breaks, Fails } from './fault-row.ts';
import { candorOf, differ, modelOf, textOf, type Given } from './given.ts';
import { STANDBY_WORDS, STANDBYS } from './surroundings.ts';

/** How late anything may be that was due. */
export const TOLERANCE_MS = 150;
/** Deadlines go by whole ticks, and times are rounded. */
const EARLY_MS = 25;
/** On the wall everything may take so many times what it should: the machine is not ours alone. */
const WALL_FACTOR = 3;

/** The first candidate fails and nothing has reached the client. @param lateMs how late it may have been given up */
export function flawsOfFailure(given: Given, cell: Cell, expected: Fails, lateMs: number): readonly string[] {
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

function flawsOfTime(
  what: string,
  ms: number,
  row: { withinMs: number; leastMs: number },
  lateMs: number,
): readonly string[] {
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
    ...differ(
      'refused',
      error.candor.refused.map(({ rule }) => rule),
      cell.mode === 'forbidden' ? ['fallback'] : [],
    ),
    ...differ('fix', typeof error.candor.fix, 'string'),
    ...(error.message.includes(`p${cell.id}/m${cell.id}`) ? [] : ['the message names nobody']),
    ...(/<h1>|169\.254/.test(text) ? ['what the vendor wrote was relayed'] : []),
    ...differ('record', recordSeen(record), {
      status: 'failed',
      http: expected.http,
      error: expected.code,
      served_by: null,
    }),
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

/** The answer breaks after its first content. @param lateMs how late that may be */
export function flawsOfBreak(
  { response, text, record }: Given,
  cell: Cell,
  expected: Breaks,
  lateMs: number,
): readonly string[] {
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

/** The answer is delivered. */
export function flawsOfAnswer({ response, text, record }: Given, cell: Cell, expected: Answers): readonly string[] {
  const attempts = record.attempts.map(({ why, kind }) => `${why} ${kind}`);
  const last = record.attempts.at(-1);
  return [
    ...differ('status', response.status, 200),
    ...differ('text', textOf(text, cell), expected.text),
    ...(cell.stream ? flawsOfCompleteStream(text) : []),
    ...(text.includes('smuggled') ? ['it holds the answer to somebody else'] : []),
    ...differ('attempts', attempts, expected.isStale ? ['primary stale_socket', 'retry ok'] : ['primary ok']),
    // The request may have been read before the socket was closed.
    ...(expected.isStale ? differ('the stale attempt', record.attempts[0]?.possibly_billed, true) : []),
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

function kindOf(code: string): string {
  return code.replace('upstream_', '');
}
