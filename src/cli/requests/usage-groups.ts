import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { modelOf } from '../../ledger/store/generation-query.ts';
import { servedDeployment } from './generation-facts.ts';

/** What requests can be grouped by. */
export const USAGE_GROUPINGS = ['route', 'model', 'deployment', 'key', 'day'] as const;
export type UsageGrouping = (typeof USAGE_GROUPINGS)[number];

/** The sums over one group's requests that have ended, in the words of `--json`. */
export interface UsageGroup {
  /** `null`: requests that belong to none, such as those nobody answered. */
  readonly name: string | null;
  requests: number;
  /** Failed, or interrupted. */
  errors: number;
  cancelled: number;
  fallbacks: number;
  /** Of all attempts that told. */
  tokens_in: number;
  tokens_out: number;
  /** Requests of which an attempt's tokens are not known. */
  unknown_tokens: number;
  /** USD, of the requests whose cost is known. */
  cost: number;
  /** Requests whose cost is not known; they are not in `cost`. */
  unknown_cost: number;
  /** How many of them a simulator answered: nothing was spent on those. */
  simulated: number;
}

const NANO = 1e9;
/** Purposes for which Candor asks while a request waits, and which that request pays for. */
const WITHIN: ReadonlySet<string | null> = new Set(['judge', 'agreement']);

/** Adds up generations, one at a time. */
export class UsageSum {
  readonly #grouping: UsageGrouping;
  readonly #groups = new Map<string | null, UsageGroup & { nanoUsd: number }>();
  /** Requests under way: they are in no group. */
  running = 0;
  readonly #asides: UsageGroup & { nanoUsd: number } = { ...emptyGroup(null), nanoUsd: 0 };
  readonly #within: UsageGroup & { nanoUsd: number } = { ...emptyGroup(null), nanoUsd: 0 };

  constructor(grouping: UsageGrouping) {
    this.#grouping = grouping;
  }

  add(generation: JsonObject): void {
    const status = stringMember(generation, 'status');
    if (status === 'running') {
      this.running += 1;
      return;
    }
    const aside = objectMember(generation, 'aside');
    const asked = WITHIN.has(stringMember(aside ?? {}, 'purpose')) ? this.#within : this.#asides;
    const group = aside === null ? this.#group(groupName(generation, this.#grouping)) : asked;
    const attempts = arrayMember(generation, 'attempts').filter(isJsonObject);
    group.requests += 1;
    if (status === 'failed' || status === 'interrupted') group.errors += 1;
    if (status === 'cancelled') group.cancelled += 1;
    if (objectMember(generation, 'fallback') !== null) group.fallbacks += 1;
    if (generation['simulated'] === true) group.simulated += 1;
    const tokens = attempts.map(attemptTokens);
    // How far an interrupted request got is not on record.
    if (status === 'interrupted' || tokens.includes(null)) group.unknown_tokens += 1;
    for (const known of tokens) {
      group.tokens_in += known?.input ?? 0;
      group.tokens_out += known?.output ?? 0;
    }
    const cost = numberMember(generation, 'cost');
    if (cost === null) group.unknown_cost += 1;
    // Whole nano-dollars: sums of fractions would drift.
    else group.nanoUsd += Math.round(cost * NANO);
  }

  /** The groups with the dearest first, days in their order. */
  groups(): readonly UsageGroup[] {
    const groups = [...this.#groups.values()].map(inDollars);
    const byName = (a: UsageGroup, b: UsageGroup): number => (a.name ?? '').localeCompare(b.name ?? '');
    if (this.#grouping === 'day') return groups.sort(byName);
    return groups.sort((a, b) => b.cost - a.cost || b.requests - a.requests || byName(a, b));
  }

  /** What Candor itself asked, which no client's group has. */
  get asides(): UsageGroup {
    return inDollars(this.#asides);
  }

  /** What it asked while requests waited: their cost is in that of those requests, their tokens are not. */
  get within(): UsageGroup {
    return inDollars(this.#within);
  }

  #group(name: string | null): UsageGroup & { nanoUsd: number } {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    const group = { ...emptyGroup(name), nanoUsd: 0 };
    this.#groups.set(name, group);
    return group;
  }
}

function inDollars({ nanoUsd, ...group }: UsageGroup & { readonly nanoUsd: number }): UsageGroup {
  return { ...group, cost: nanoUsd / NANO };
}

/** The sum over all groups. */
export function totalOf(groups: readonly UsageGroup[]): UsageGroup {
  const total = emptyGroup(null);
  let nanoUsd = 0;
  for (const group of groups) {
    for (const [member, value] of Object.entries(group) as [keyof UsageGroup, number | string | null][]) {
      if (member !== 'name' && typeof value === 'number') total[member] += value;
    }
    nanoUsd += Math.round(group.cost * NANO);
  }
  total.cost = nanoUsd / NANO;
  return total;
}

function emptyGroup(name: string | null): UsageGroup {
  const counts = { requests: 0, errors: 0, cancelled: 0, fallbacks: 0, simulated: 0 };
  return { name, ...counts, tokens_in: 0, tokens_out: 0, unknown_tokens: 0, cost: 0, unknown_cost: 0 };
}

function groupName(generation: JsonObject, grouping: UsageGrouping): string | null {
  const served = servedDeployment(generation);
  if (grouping === 'deployment') return served;
  if (grouping === 'model') return served === null ? null : modelOf(served);
  if (grouping === 'day') return stringMember(generation, 'created_at')?.slice(0, 10) ?? null;
  return stringMember(generation, grouping);
}

/** `null` where the vendor did not report them. An attempt that cost nothing was turned away, and used none. */
function attemptTokens(attempt: JsonObject): { readonly input: number; readonly output: number } | null {
  const usage = objectMember(attempt, 'usage');
  const input = usage === null ? null : numberMember(usage, 'prompt_tokens');
  const output = usage === null ? null : numberMember(usage, 'completion_tokens');
  const isReported = usage?.['source'] !== 'estimated';
  if (isReported && input !== null && output !== null) return { input, output };
  return numberMember(attempt, 'cost') === 0 ? { input: 0, output: 0 } : null;
}
