import type { AssumedPrice, ChatRequest, DryRun } from '../../core/chat.ts';
import type { CircuitView } from '../../core/decision.ts';
import type { Deployment } from '../../core/deployment.ts';
import { GatewayError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { flatPrice, Price, timesFactor, type Rates } from '../../core/price.ts';
import type { Configuration } from '../../core/route.ts';
import { nextMomentOf } from '../../core/time-of-day.ts';
import type { Target } from '../../routing/resolve.ts';
import type { Assumptions } from '../decision-inputs.ts';
import type { Steps } from '../exchange.ts';

const NOTHING: DryRun = { outages: [], prices: [], clock: null, promptTokens: null, answerTokens: null };

/** The world as a dry run takes it to be; what it does not name is as it is. */
export interface AssumedWorld extends Assumptions {
  /** With the assumed prices. */
  readonly target: Target;
  /** With the assumed clock: prices go by it, while what was measured is of now. */
  readonly steps: Steps;
  /** What is assumed, as it was asked for; empty: nothing. */
  readonly assumed: readonly string[];
}

/** @throws GatewayError `invalid_request` for an assumption about something that does not exist: it would be answered as if nothing were assumed */
export function assume(
  { directives }: ChatRequest,
  target: Target,
  configuration: Configuration,
  steps: Steps,
): AssumedWorld {
  const { outages, prices, clock } = directives.dryRun ?? NOTHING;
  for (const name of outages) requireKnown(name, configuration);
  for (const { name } of prices) requireKnown(name, configuration);
  const nowMs = steps.clock.wallTime();
  const momentMs = clock === null ? nowMs : (nextMomentOf(clock, nowMs) ?? nowMs);
  const moment = new Date(momentMs).toISOString();
  return {
    target: { ...target, candidates: target.candidates.map((each) => withPrices(each, prices, momentMs)) },
    steps: clock === null ? steps : { ...steps, clock: { ...stoppedAt(momentMs), now: () => steps.clock.now() } },
    circuit: (deployment) => assumedCircuit(deployment, outages),
    assumed: [
      ...outages.map((name) => `outage=${name}`),
      ...(clock === null ? [] : [`clock=${clock.at}@${clock.zone} (prices of ${moment}; what was measured is of now)`]),
      ...prices.map(textOf),
    ],
  };
}

function requireKnown(name: string, configuration: Configuration): void {
  const names = [...configuration.deployments.values()].flatMap((each) => [each.provider, each.model, each.name]);
  if (names.includes(name)) return;
  const near = nearestName(name, names);
  throw new GatewayError(
    'invalid_request',
    `\`candor.if\` names \`${name.slice(0, 80)}\`, which is no provider, model or deployment${near === null ? '' : `: did you mean \`${near}\`?`}`,
    { param: 'candor.if' },
  );
}

/** A clock that only tells the time: nothing of a dry run waits. */
function stoppedAt(wallTimeMs: number): Pick<Steps['clock'], 'wallTime' | 'setTimer'> {
  return { wallTime: () => wallTimeMs, setTimer: () => ({ cancel: () => undefined }) };
}

/** An outage is a circuit that is open; `null`: nothing is assumed of it. */
function assumedCircuit({ provider, model, name }: Deployment, outages: readonly string[]): CircuitView | null {
  const out = outages.find((each) => each === provider || each === model || each === name);
  return out === undefined ? null : { state: 'open', reason: `outage=${out}`, retry_in_ms: null };
}

/** The price that was named most closely counts: of the deployment, then of the model, then of the provider. */
function withPrices(deployment: Deployment, prices: readonly AssumedPrice[], wallTimeMs: number): Deployment {
  const { name, model, provider, price } = deployment;
  const found = (side: AssumedPrice['side']): AssumedPrice | undefined => {
    const ofSide = prices.filter((each) => each.side === side);
    return [name, model, provider].flatMap((each) => ofSide.find((assumed) => assumed.name === each) ?? [])[0];
  };
  const [input, output] = [found('in'), found('out')];
  if (input === undefined && output === undefined) return deployment;
  const source = `assumed: ${[input, output].flatMap((each) => (each === undefined ? [] : [textOf(each)])).join(', ')}`;
  const replace = <Of extends Rates>(rates: Of): Of => ({
    ...rates,
    input: input?.usdPerMillion ?? rates.input,
    output: output?.usdPerMillion ?? rates.output,
  });
  if (price !== null && price.periodAt(wallTimeMs) !== null) {
    const { asOf, serviceTiers, soundApart } = price;
    const periods = price.periods.map((period) => ({
      ...period,
      tiers: period.tiers.map((tier) => replace({ ...tier, ...timesFactor(tier, price.regionalFactor) })),
    }));
    return { ...deployment, price: new Price({ asOf, serviceTiers, soundApart, periods, source, regionalFactor: 1 }) };
  }
  // Without a price of its own what answers cost alone says nothing.
  if (input === undefined) return deployment;
  const none = { output: null, cachedInput: null, cacheWrite: null, cacheWriteOneHour: null };
  const asOf = new Date(wallTimeMs).toISOString().slice(0, 10);
  return { ...deployment, price: flatPrice(replace({ input: input.usdPerMillion, ...none }), { asOf, source }) };
}

function textOf({ name, side, usdPerMillion }: AssumedPrice): string {
  return `price.${name}.${side}=${usdPerMillion}`;
}
