import type { DecisionInputs } from '../../../src/core/decision.ts';
import type { GenerationRecord } from '../../../src/core/record.ts';
import { decide } from '../../../src/routing/decide.ts';

/** What one client asked and was told, and what is on record of it. */
export interface Answered {
  readonly asked: string;
  readonly stream: boolean;
  readonly maxCostUsd: number | null;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly record: GenerationRecord;
}

const ONCE_A_MODEL = new Set(['content_filter', 'context_length_exceeded', 'invalid_request']);
/** What one attempt may cost at the most, by model: ten tokens of an answer and a short prompt. */
const HIGHEST_USD: Readonly<Record<string, number>> = {
  first: 0.00012,
  spread: 0.00012,
  second: 0.00001,
  third: 0.00012,
};

/** Sums of decimals are a little off. */
const ROUNDING_USD = 1e-12;

function modelOf(deployment: string | undefined): string | undefined {
  return deployment?.split('/')[1];
}
const SILENCES = new Set(['first_byte_timeout', 'first_token_timeout', 'idle_timeout', 'total_timeout']);

/** What contradicts itself, or breaks a promise, a sentence each. */
export function flawsOf(answered: Answered): readonly string[] {
  return [...flawsOfAttempts(answered), ...flawsOfCost(answered), ...flawsOfWords(answered), ...flawsOfPlan(answered)];
}

function flawsOfAttempts({ asked, stream, record }: Answered): string[] {
  const flaws: string[] = [];
  const { attempts, candidates } = record;
  if (attempts.filter(({ kind }) => kind !== 'stale_socket').length > 3) flaws.push('more than three attempts');
  const excluded = new Set(candidates.filter(({ verdict }) => verdict === 'excluded').map((each) => each.deployment));
  for (const [index, { deployment, kind, why, timings_ms }] of attempts.entries()) {
    const later = attempts.slice(index + 1);
    const isLast = later.length === 0;
    if (excluded.has(deployment)) flaws.push(`${deployment} was asked and is excluded`);
    if (kind === 'ok' && !isLast) flaws.push('somebody was asked after an answer');
    if (SILENCES.has(kind) && later.some((each) => each.deployment === deployment))
      flaws.push('a silent one asked again');
    const isRepeated = later.some((each) => modelOf(each.deployment) === modelOf(deployment));
    if (ONCE_A_MODEL.has(kind) && isRepeated) flaws.push(`${kind}, and its model was asked again`);
    if (kind === 'content_filter' && !isLast && asked !== 'crossing') flaws.push('a refusal crossed');
    const flows = stream && !['held', 'windowed', 'crossing', 'checked'].includes(asked);
    if (flows && timings_ms.first_token !== null && !isLast) flaws.push('somebody was asked after content');
    const before = attempts[index - 1];
    if (why === 'retry' && before?.deployment !== deployment) flaws.push('a retry of somebody else');
    if (why !== 'retry' && before?.deployment === deployment) flaws.push('a retry by another name');
    if (why === 'primary' && index > 0) flaws.push('a late first choice');
  }
  return flaws;
}

function flawsOfCost({ record, maxCostUsd }: Answered): string[] {
  const costs = record.attempts.map(({ cost }) => cost);
  const known = costs.flatMap((cost) => cost ?? []);
  const sum = known.reduce((total, cost) => total + cost, 0);
  const isKnown = known.length === costs.length;
  const flaws: string[] = [];
  if ((record.cost === null) === isKnown) flaws.push(`cost ${record.cost} of ${costs.join()}`);
  if (record.cost !== null && Math.abs(record.cost - sum) > ROUNDING_USD) flaws.push('the cost is no sum');
  if (maxCostUsd !== null && sum > maxCostUsd + ROUNDING_USD) flaws.push(`cost ${sum} above ${maxCostUsd}`);
  const mayCost = record.attempts
    .map(({ cost, deployment }) => cost ?? HIGHEST_USD[modelOf(deployment) ?? ''] ?? 0)
    .reduce((total, cost) => total + cost, 0);
  if (maxCostUsd !== null && mayCost > maxCostUsd + ROUNDING_USD)
    flaws.push(`may have cost ${mayCost}, above ${maxCostUsd}`);
  return flaws;
}

/** Headers, body and record must say the same. */
function flawsOfWords({ status, headers, body, record }: Answered): string[] {
  const flaws: string[] = [];
  const same = (what: string, one: unknown, other: unknown): void => {
    if (JSON.stringify(one) !== JSON.stringify(other)) {
      flaws.push(`${what}: ${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
    }
  };
  same('status', status, record.http);
  const shown = headers.get('x-candor-attempts')?.split(', ') ?? [];
  const isPending = headers.get('x-candor-served-by') === 'pending';
  if (!isPending) {
    same(
      'attempts',
      shown.map((each) => each.split(';')[0]),
      record.attempts.map(({ deployment }) => deployment),
    );
    const fallback = headers.get('x-candor-fallback') ?? '';
    same('fallback', /reason=(\w+)/.exec(fallback)?.[1] ?? null, record.fallback?.reason ?? null);
    same('served by', headers.get('x-candor-served-by'), record.served_by);
    const degraded = /reason=(\w+)/.exec(headers.get('x-candor-degraded') ?? '')?.[1] ?? null;
    const endings = ['validation_failed', 'unverified', 'event_skipped'];
    const isOfEnd = endings.includes(record.degraded?.reason ?? '') && headers.get('x-candor-cost-usd') === 'pending';
    if (!isOfEnd) same('degraded', degraded, record.degraded?.reason ?? null);
  }
  if (body.startsWith('{"error"')) {
    const { error } = JSON.parse(body) as {
      error: { code: string; candor: { attempts: object[]; refused: object[] } };
    };
    same('code', error.code, record.error?.code);
    same('attempts of the error', error.candor.attempts.length, record.attempts.length);
    const left = record.candidates.filter(({ verdict }) => verdict === 'excluded').length;
    if (error.candor.refused.length < left) flaws.push(`${left} excluded, ${error.candor.refused.length} told`);
    if (status === 429 && headers.get('retry-after') === null) flaws.push('429 without Retry-After');
  }
  return flaws;
}

function flawsOfPlan({ asked, record }: Answered): string[] {
  const { decision, attempts, fallback, degraded } = record;
  if (decision === null) return ['no decision'];
  const again = decide(JSON.parse(JSON.stringify(decision.inputs)) as DecisionInputs);
  const flaws =
    again.order.join() === decision.order.join() && again.usual === decision.usual ? [] : ['decided otherwise'];
  if (attempts.some(({ deployment }) => !decision.order.includes(deployment))) flaws.push('asked beyond the plan');
  const usual = modelOf(decision.usual ?? undefined);
  const served = modelOf(record.served_by?.split('@')[0]);
  const isStrict = decision.inputs.fallback === 'off';
  if (isStrict && attempts.some(({ deployment }) => modelOf(deployment) !== usual))
    flaws.push('another model under off');
  if (served !== undefined && served !== usual && (fallback === null || degraded?.reason !== 'uncertified')) {
    flaws.push(`${served} for ${usual} is not said to be so`);
  }
  if (served === usual && degraded?.reason === 'uncertified') flaws.push('the usual model is said to be another');
  if (fallback !== null && served === undefined) flaws.push('a fallback without an answer');
  if (asked === 'demanding' && degraded?.reason === 'slo') flaws.push('a last resort under `fail`');
  return flaws;
}
