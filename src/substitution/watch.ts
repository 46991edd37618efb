import type { PairedScore, SubstitutionPair, SubstitutionScope } from '../core/substitution.ts';
import { eValue, type EProcess, startEProcess, withDifference } from './e-process.ts';
import { marginOf, metricKey } from './metric-evidence.ts';

/** A model that is worse by just the margin is suspended with a chance of at most 10 %, however long it is watched. */
const THRESHOLD = 10;
/** Items of the latest pairs, none of which counts twice. */
const ITEMS_KEPT = 5000;
/** Measures by which the stand-in may not be worse at all. */
const HARD = new Set(['valid', 'grounded']);

interface Watched {
  readonly name: string;
  readonly process: EProcess;
}

/** Looks out, after a grant, for signs that the stand-in is worse by more than it may be. */
export class Watch {
  readonly #strict: boolean;
  readonly #metrics = new Map<string, Watched>();
  readonly #items = new Set<string>();
  #finding: string | null = null;

  constructor({ strict }: SubstitutionScope) {
    this.#strict = strict;
  }

  add(pair: SubstitutionPair): void {
    if (this.#items.has(pair.item)) return;
    this.#items.add(pair.item);
    for (const oldest of this.#items) {
      if (this.#items.size <= ITEMS_KEPT) break;
      this.#items.delete(oldest);
    }
    for (const score of pair.scores) this.#addScore(score);
  }

  #addScore(score: PairedScore): void {
    const { metric, source, from, to } = score;
    if (from === null || to === null) return;
    const margin = HARD.has(metric) ? 0 : marginOf(metric, this.#strict);
    const before = this.#metrics.get(metricKey(score))?.process ?? startEProcess('worse', margin);
    const process = withDifference(before, to - from);
    const name = source === 'validator' ? metric : `${metric} (${source})`;
    this.#metrics.set(metricKey(score), { name, process });
    if (eValue(process) >= THRESHOLD) this.#finding ??= told({ name, process });
  }

  /** What speaks so clearly against the stand-in that it must not go on; `null`: nothing. It stays. */
  get finding(): string | null {
    return this.#finding;
  }

  /** What speaks against it rather than for it, at this moment; `null`: nothing. */
  get doubt(): string | null {
    const [most] = [...this.#metrics.values()].sort((one, other) => other.process.logValue - one.process.logValue);
    return most !== undefined && most.process.logValue > 0 ? told(most) : null;
  }
}

function told({ name, process: { pairs, margin, logValue } }: Watched): string {
  const allowed = margin === 0 ? 'worse' : `more than ${margin * 100} points worse`;
  return `${name} is ${allowed} in ${pairs} pairs since the grant (e-value ${Math.exp(logValue).toPrecision(3)}, the limit is ${THRESHOLD})`;
}
