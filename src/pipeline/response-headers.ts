import { usdFromNano, type NanoUsd } from '../core/money.ts';
import type { FallbackNote } from '../core/record.ts';
import { asideMs } from './aside-ms.ts';
import type { Attempt } from './attempt.ts';
import type { Generation } from './generation.ts';

/** Headers beside which nothing else of the answer is known yet say this. */
const PENDING = 'pending';

/**
 * How much is known when the headers leave: everything (the answer is complete), the author (a
 * stream is about to flow), or nothing (a stream is held, and only a comment is sent).
 */
export type Known = 'all' | 'author' | 'nothing';

/** The provenance headers, names and values by turns. What only later can tell is `pending`. */
export function provenanceHeaders(generation: Generation, known: Known, now: number): string[] {
  const { exchange } = generation;
  const route = generation.plan?.target.route;
  const headers = [
    'x-request-id',
    exchange.id,
    'request-id',
    exchange.id,
    'x-candor-asked',
    asciiValue(exchange.request.asked),
    'x-candor-confidence',
    known === 'all' ? confidenceValue(generation) : PENDING,
    'x-candor-data',
    'public',
    'x-candor-config',
    exchange.configuration.hash,
    'x-candor-cost-usd',
    known === 'all' ? decimalUsd(generation.cost) : PENDING,
    'server-timing',
    serverTiming(generation, now),
  ];
  if (route) headers.push('x-candor-route', asciiValue(route.name));
  if (generation.attempts.some((attempt) => attempt.deployment.simulated)) headers.push('x-candor-simulated', '?1');
  pushAuthor(headers, generation, known, now);
  return headers;
}

/** Who answers, instead of whom, and what was changed and checked on the way. */
function pushAuthor(headers: string[], generation: Generation, known: Known, now: number): void {
  if (known === 'nothing') {
    for (const name of ['served-by', 'attempts', 'fallback', 'validation', 'adjustments']) {
      headers.push(`x-candor-${name}`, PENDING);
    }
    return;
  }
  const { served } = generation;
  const fallback = generation.fallback();
  const degraded = generation.degraded();
  if (generation.attempts.length > 0) {
    headers.push('x-candor-attempts', generation.attempts.map((attempt) => describeAttempt(attempt, now)).join(', '));
  }
  headers.push(
    'x-candor-fallback',
    fallback === null ? '?0' : `?1;reason=${fallback.reason}${certified(fallback)}${sameModel(generation)}`,
    'x-candor-validation',
    known === 'all' ? (generation.judged?.validation.status ?? 'none') : pendingValidation(generation),
    'x-candor-adjustments',
    String(served?.adjustments.length ?? 0),
  );
  if (served !== null) headers.push('x-candor-served-by', asciiValue(served.servedBy));
  if (degraded !== null) headers.push('x-candor-degraded', `?1;reason=${degraded.reason}`);
}

function confidenceValue({ confidence }: Generation): string {
  return `${confidence.value ?? 'null'};status=${confidence.status}`;
}

function describeAttempt(attempt: Attempt, now: number): string {
  const running = attempt.answer === null && attempt.failed === null;
  const milliseconds = running ? Math.round(now - attempt.startedAt) : attempt.durationMs;
  return `${asciiValue(attempt.deployment.name)};status=${attempt.status ?? attempt.kind};ms=${milliseconds}`;
}

function certified({ certificate }: FallbackNote): string {
  return certificate === null ? '' : `;certificate=${certificate}`;
}

/** Marks a fallback to another deployment of the same model, which is no change of the answer's author. */
function sameModel(generation: Generation): string {
  const first = generation.plan?.usual?.model;
  return first !== undefined && generation.served?.deployment.model === first ? ';same=model' : '';
}

function pendingValidation({ exchange, plan }: Generation): string {
  const { request } = exchange;
  const route = plan?.target.route ?? null;
  const checks = route !== null && (route.validators.length > 0 || route.accept !== null);
  const format = request.responseFormat !== null && request.responseFormat.type !== 'text';
  return checks || format || request.tools.length > 0 ? PENDING : 'none';
}

function serverTiming(generation: Generation, now: number): string {
  const { exchange, plannedAt, attempts } = generation;
  const entries = plannedAt === null ? [] : [`plan;dur=${rounded(plannedAt - exchange.arrivedAt)}`];
  const besidesMs = asideMs(generation);
  let upstreamMs = besidesMs;
  for (const attempt of attempts) {
    const running = attempt.answer === null && attempt.failed === null;
    const milliseconds = running ? now - attempt.startedAt : attempt.durationMs;
    upstreamMs += milliseconds;
    entries.push(`a${attempt.number};dur=${rounded(milliseconds)}`);
    if (attempt.firstTokenMs !== null) entries.push(`a${attempt.number}-ttft;dur=${rounded(attempt.firstTokenMs)}`);
  }
  if (besidesMs > 0) entries.push(`validate;dur=${rounded(besidesMs)}`);
  const overheadMs = Math.max(0, now - exchange.arrivedAt - upstreamMs);
  return [...entries, `candor;dur=${rounded(overheadMs)};desc="overhead"`].join(', ');
}

function rounded(milliseconds: number): string {
  return milliseconds.toFixed(1);
}

/** Header values are visible ASCII; anything else in a name is percent-encoded. */
function asciiValue(text: string): string {
  return text.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
}

/** Dollars as a plain decimal: a number in exponential form is not what people, or parsers of headers, expect. */
function decimalUsd(cost: NanoUsd | null): string {
  const usd = usdFromNano(cost);
  return usd === null ? 'null' : usd.toFixed(9).replace(/\.?0+$/, '');
}
