import type { CandidateInputs, Decision, DecisionInputs } from '../../src/core/decision.ts';
import type { DecisionRecord } from '../../src/core/record.ts';
import { decide } from '../../src/routing/decide.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { seededRandom } from './ledger-image.ts';
import { ManualClock, simulatorClockOf } from './manual-clock.ts';

/** Routes of every `pick`, with and without objectives, over deployments of which two are of one model. */
const CONFIG = `
providers:
  openai: { sim: true }
  mirror: { kind: openai, sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }
models:
  gpt-4o: { at: [{ provider: openai, id: gpt-4o }, { provider: mirror, id: gpt-4o }] }
  gpt-4o-mini: { at: openai }
  claude-haiku: { at: anthropic, id: claude-haiku-4-5 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  deepseek-chat: { at: deepseek }
routes:
  ordered: { try: [gpt-4o, claude-haiku, gemini-flash], fallback: degraded }
  ordered-slo: { try: [deepseek-chat, gemini-flash, gpt-4o], slo: { ttft_p95: 2s, error_rate: 0.1 }, fallback: degraded }
  ordered-off: { try: [gpt-4o, claude-haiku], slo: { error_rate: 0.1 }, fallback: off }
  strict: { try: [deepseek-chat, claude-haiku], slo: { ttft_p95: 1500ms }, slo_policy: fail, fallback: degraded }
  fastest: { try: [claude-haiku, gemini-flash], pick: fastest, fallback: degraded }
  fastest-slo: { try: [gpt-4o, claude-haiku, deepseek-chat], pick: fastest, slo: { error_rate: 0.2 }, fallback: degraded }
  cheapest: { try: [claude-haiku, gpt-4o-mini, deepseek-chat], pick: cheapest, fallback: degraded }
  cheapest-slo: { try: [gpt-4o, gemini-flash, deepseek-chat], pick: cheapest, slo: { ttft_p95: 3s, cost_per_request: 0.001 }, fallback: degraded }
  weighted: { try: [{ model: gpt-4o, weight: 3 }, claude-haiku, { model: gemini-flash, weight: 2 }], pick: weighted, fallback: degraded }
rules:
  - { when: 'tags.size == "small"', route: cheapest }
  - { route: weighted }
`;
const ASKED =
  'ordered ordered-slo ordered-off strict fastest fastest-slo cheapest cheapest-slo weighted gpt-4o auto gpt-4o auto ' +
  'ordered-slo strict fastest fastest fastest cheapest';
const FAULTED = ['openai', 'mirror', 'anthropic', 'google', 'deepseek', 'claude-haiku'];

export type Planner = (inputs: DecisionInputs) => Pick<Decision, 'order' | 'usual'>;

/**
 * Sends random requests through a gateway while its simulated upstreams fail, slow down and change their hours at random,
 * and reads the decisions back as anybody reads them.
 */
export async function recordDecisions(count: number, seed: number): Promise<readonly DecisionRecord[]> {
  const random = seededRandom(seed);
  const clock = new ManualClock();
  const draw = seededRandom(seed + 1);
  const gateway = await startTestGateway({ config: CONFIG, clock, simulatorClock: simulatorClockOf(clock), draw });
  try {
    await measure(gateway, clock);
    const ids: string[] = [];
    while (ids.length < count) {
      upset(gateway, random);
      const batch = Array.from({ length: Math.min(1 + below(10, random), count - ids.length) }, () =>
        ask(gateway, random),
      );
      ids.push(...(await clock.passUntil(Promise.all(batch))));
      clock.advance(below(1500, random));
    }
    const decisions: DecisionRecord[] = [];
    for (const id of ids) decisions.push((await gateway.record(id))['decision'] as DecisionRecord);
    return decisions;
  } finally {
    await gateway.close();
  }
}

/** Lets enough be measured: of either candidate of `fastest`, and of one that misses its objective on two routes. */
async function measure(gateway: TestGateway, clock: ManualClock): Promise<void> {
  const messages = [{ role: 'user', content: 'Name three rivers.' }];
  const ask = async (model: string, headers: Readonly<Record<string, string>>): Promise<void> => {
    const asked = gateway.post('/v1/chat/completions', { model, stream: true, messages }, headers);
    await clock.passUntil(asked.then((response) => response.arrayBuffer()));
    clock.advance(3000);
  };
  for (let sent = 0; sent < 12; sent++) {
    await ask(sent % 2 === 0 ? 'strict' : 'ordered-slo', { 'x-candor-sim': 'deepseek=slow:9000' });
  }
  for (let sent = 0; sent < 80; sent++) {
    await ask('fastest', { 'x-candor-sim': sent % 2 === 0 ? 'anthropic=503' : 'google=503' });
  }
  clock.advance(30_000);
}

/** Records whose decision does not come out as it is recorded, when it is made again from the text of its inputs. */
export function decidedOtherwise(
  decisions: readonly DecisionRecord[],
  planner: Planner = decide,
): readonly DecisionRecord[] {
  return decisions.filter(({ inputs, order, usual }) => {
    const again = planner(JSON.parse(JSON.stringify(inputs)) as DecisionInputs);
    return again.usual !== usual || again.order.join() !== order.join();
  });
}

/** What one figure of a record decided, and the inputs with that figure changed. */
export interface Deciding {
  readonly by: 'p95' | 'evidence' | 'price';
  readonly record: DecisionRecord;
  readonly changed: DecisionInputs;
}

/** The records that one figure decided: a measured 95th percentile, what is held against an objective, or a price. */
export function decidedByOneFigure(decisions: readonly DecisionRecord[]): readonly Deciding[] {
  return decisions.flatMap((record) => [...byFigureOfFirst(record), ...byEvidence(record)]);
}

/** `fastest` and `cheapest`: the first two are compared by a figure both have, and neither was put there otherwise. */
function byFigureOfFirst(record: DecisionRecord): readonly Deciding[] {
  const { inputs, order } = record;
  const { candidates } = decide(inputs);
  const pair = order.slice(0, 2).flatMap((name) => {
    const candidate = inputs.candidates.find((each) => each.deployment === name);
    const standing = candidates.find((each) => each.deployment === name)?.standing;
    return candidate === undefined || candidate.shares || standing !== 'asked' ? [] : [candidate];
  });
  const [first, second] = pair;
  if (first === undefined || second === undefined) return [];
  const of = (by: Deciding['by'], change: Partial<CandidateInputs>): readonly Deciding[] => [
    { by, record, changed: withCandidate(inputs, { ...first, ...change }) },
  ];
  const areMeasured = [first, second].every(({ ttft }) => ttft !== null && ttft.n >= 8);
  if (inputs.pick === 'fastest' && first.ttft !== null && second.ttft !== null && areMeasured) {
    return of('p95', { ttft: { ...first.ttft, p95_ms: second.ttft.p95_ms + 1 } });
  }
  const arePriced = [first, second].every(({ price, tokens }) => price !== null && tokens.out !== null);
  if (inputs.pick !== 'cheapest' || first.price === null || !arePriced) return [];
  return of('price', { price: { in: first.price.in * 1e6, out: first.price.out * 1e6 } });
}

/** Somebody who misses one objective, and would otherwise come before another who is asked, or be asked at all. */
function byEvidence(record: DecisionRecord): readonly Deciding[] {
  const { inputs } = record;
  const decided = decide(inputs).candidates;
  const lastAsked = decided.findLastIndex(({ standing }) => standing === 'asked');
  return decided.flatMap(({ deployment, standing, excluded_by, objectives }, index) => {
    const missed = objectives.filter(({ met }) => met === false);
    const isMoved = standing === 'last_resort' && inputs.pick === 'ordered' && index < lastAsked;
    const candidate = inputs.candidates[index];
    const isOne = missed.length === 1 && missed[0]?.name !== 'cost_per_request';
    if (!isOne || candidate?.deployment !== deployment || candidate.shares) return [];
    if (!isMoved && excluded_by !== 'objective') return [];
    const changed = candidate.objectives.map((each) =>
      each.name === missed[0]?.name ? { ...each, misses: 0, cusum: 0, was_missed: false } : each,
    );
    return [{ by: 'evidence', record, changed: withCandidate(inputs, { ...candidate, objectives: changed }) }];
  });
}

function withCandidate(inputs: DecisionInputs, changed: CandidateInputs): DecisionInputs {
  const candidates = inputs.candidates.map((each) => (each.deployment === changed.deployment ? changed : each));
  return { ...inputs, candidates };
}

/** Now and then something breaks, mends, or it is another time of day. */
function upset(gateway: TestGateway, random: () => number): void {
  const { control } = gateway.simulator;
  const target = oneOf(FAULTED, random);
  const forMs = 10_000 + below(40_000, random);
  const chance = random();
  if (chance < 0.2)
    control.addFault({ target, fault: 'outage', status: oneOf([503, 'refuse'], random), for_ms: forMs });
  else if (chance < 0.35) control.addFault({ target, fault: 'slow', ms: 1000 + below(8000, random), for_ms: forMs });
  else if (chance < 0.4)
    control.addFault({ target, fault: 'rate_limit', retry_after_s: 1 + below(8, random), for_ms: forMs });
  else if (chance < 0.45) control.reset();
  else if (chance < 0.5) control.setClock(`${String(below(24, random)).padStart(2, '0')}:00`, 'Asia/Shanghai');
}

async function ask(gateway: TestGateway, random: () => number): Promise<string> {
  const content = `Name three rivers. ${'And lakes. '.repeat(random() < 0.2 ? below(2000, random) : 0)}`;
  const body = {
    model: oneOf(ASKED.split(' '), random),
    stream: random() < 0.5,
    messages: [{ role: 'user', content }],
  };
  const headers: Record<string, string> = random() < 0.1 ? { 'x-candor-fallback': 'off' } : {};
  if (random() < 0.5) headers['x-candor-tags'] = 'size=small';
  const response = await gateway.post('/v1/chat/completions', body, headers);
  await response.arrayBuffer();
  return response.headers.get('x-request-id') ?? '';
}

function below(end: number, random: () => number): number {
  return Math.floor(random() * end);
}

function oneOf<Value>(values: readonly Value[], random: () => number): Value {
  return values[below(values.length, random)] as Value;
}
