import type { GenerationRecord } from '../core/record.ts';
import type { Aside } from './aside.ts';

/** What marks the record of a question of Candor's own; nothing for a client's. */
export function recordedAside(aside: Aside | undefined): Pick<GenerationRecord, 'aside' | 'replay_of'> {
  if (aside === undefined) return {};
  const { purpose, of } = aside;
  return purpose === 'replay' && of !== null ? { aside: { purpose, of }, replay_of: of } : { aside: { purpose, of } };
}
