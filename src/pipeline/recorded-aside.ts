import { usdFromNano, type NanoUsd } from '../core/money.ts';
import type { GenerationRecord } from '../core/record.ts';
import type { Aside } from './aside.ts';

/** What marks the record of a question of Candor's own; nothing for a client's. */
export function recordedAside(aside: Aside | undefined): Pick<GenerationRecord, 'aside' | 'replay_of'> {
  if (aside === undefined) return {};
  const { purpose, of } = aside;
  return purpose === 'replay' && of !== null ? { aside: { purpose, of }, replay_of: of } : { aside: { purpose, of } };
}

/** A question of Candor's own that has ended. */
interface EndedAside {
  readonly exchange: { readonly id: string; readonly aside?: Aside };
  readonly served: { readonly deployment: { readonly name: string } } | null;
  readonly cost: NanoUsd | null;
}

/** The same, with the questions that were asked while it waited, where there were any. */
export function recordedAsides(
  asides: readonly EndedAside[],
  aside: Aside | undefined,
): Pick<GenerationRecord, 'asides' | 'aside' | 'replay_of'> {
  if (asides.length === 0) return recordedAside(aside);
  return {
    ...recordedAside(aside),
    asides: asides.map(({ exchange, served, cost }) => ({
      id: exchange.id,
      purpose: exchange.aside?.purpose ?? '',
      deployment: served?.deployment.name ?? null,
      cost: usdFromNano(cost),
    })),
  };
}
