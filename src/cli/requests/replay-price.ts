import {
  arrayMember,
  isJsonObject,
  type JsonObject,
  numberMember,
  objectMember,
  stringMember,
} from '../../core/json.ts';
import { costText } from '../format.ts';
import { plainText } from '../text.ts';

/** What running a request again would cost, by the estimate of a dry run. */
export interface ReplayPrice {
  /** Who is asked, in order. */
  readonly deployments: readonly string[];
  /** USD, if the first one answers as long as usual; `null`: not known. */
  readonly usualUsd: number | null;
  /** USD, if each is asked and answers as long as it may; `null`: not known. */
  readonly mostUsd: number | null;
  /** Whether checks of the answer ask other models, which comes on top of both. */
  readonly asksOthers: boolean;
  readonly simulated: boolean;
}

/** @param now what the request would get, as `POST /v1/candor/explain` tells it */
export function replayPrice(now: JsonObject): ReplayPrice {
  const deployments = arrayMember(now, 'plan')
    .filter(isJsonObject)
    .map((step) => stringMember(step, 'deployment') ?? '');
  const candidates = arrayMember(now, 'candidates').filter(isJsonObject);
  const estimates = deployments.map((name) => {
    const candidate = candidates.find((each) => each['deployment'] === name) ?? {};
    return objectMember(candidate, 'estimate') ?? {};
  });
  const highs = estimates.map((estimate) => arrayMember(estimate, 'cost_band')[1]);
  const isKnown = highs.every((high) => typeof high === 'number');
  const notes = arrayMember(now, 'notes').filter((note) => typeof note === 'string');
  const asksOthers = notes.some((note) => note.startsWith('not in the costs:'));
  return {
    deployments,
    usualUsd: numberMember(estimates[0] ?? {}, 'cost'),
    mostUsd:
      isKnown && !asksOthers
        ? highs.reduce<number>((sum, high) => sum + (typeof high === 'number' ? high : 0), 0)
        : null,
    asksOthers,
    simulated: notes.some((note) => note.includes('simulates providers')),
  };
}

/** One line that says it before anything is spent. */
export function priceText({ deployments, usualUsd, mostUsd, asksOthers, simulated }: ReplayPrice): string {
  const usual = usualUsd === null ? 'at a cost that is not known' : `for about ${costText(usualUsd)}`;
  const others = asksOthers ? ', and others about the answer' : '';
  const most = mostUsd === null ? 'nobody knows how much at most' : `at most ${costText(mostUsd)}`;
  const note = simulated ? '; simulated models cost nothing, their prices are those of the real ones' : '';
  return ` asks ${deployments.map(plainText).join(', then ')} ${usual}${others}, ${most}${note}\n`;
}
