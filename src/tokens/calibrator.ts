import type { TokenizerFacts } from './tokenizer-facts.ts';

/** What a model's own reports say of the factor. */
export interface Calibration {
  readonly factor: number;
  readonly errorBand: number;
  /** How many reports it rests on. */
  readonly reports: number;
}

interface Report {
  /** Tokens the vendor reported for one that was counted. */
  readonly ratio: number;
  readonly at: number;
}

/** The newest reports of a model that are kept. */
const KEPT_REPORTS = 64;
/** Models that are kept; of more, the one that was first heard of goes. */
const KEPT_MODELS = 256;
const HALF_LIFE_MS = 86_400_000;
/** As many reports as the table's own figures weigh, while there are few. */
const TABLE_WEIGHT = 4;
/** A short prompt is mostly frame, and says little of the vocabulary. */
const FEWEST_TOKENS = 100;
/** Beyond it something else was counted: hidden prompts, media, a cut prompt. */
const LARGEST_RATIO = 4;

/**
 * Learns, per model, how many tokens a vendor reports for each that was counted here. The factor is the
 * weighted median of the newest reports and of the table's own figures; reports lose half their weight
 * in a day, so a vendor's change of vocabulary is followed, and no single report moves it far.
 */
export class Calibrator {
  readonly #models = new Map<string, Report[]>();
  readonly #wallTime: () => number;

  /** @param wallTime milliseconds since the Unix epoch */
  constructor(wallTime: () => number) {
    this.#wallTime = wallTime;
  }

  /** Takes one report: what was counted before any factor, and what the vendor says it was. */
  learn(model: string, countedTokens: number, reportedTokens: number): void {
    const ratio = reportedTokens / countedTokens;
    const isTelling = countedTokens >= FEWEST_TOKENS && ratio <= LARGEST_RATIO && ratio >= 1 / LARGEST_RATIO;
    if (!isTelling) return;
    let reports = this.#models.get(model);
    if (reports === undefined) {
      const [first] = this.#models.keys();
      if (this.#models.size >= KEPT_MODELS && first !== undefined) this.#models.delete(first);
      this.#models.set(model, (reports = []));
    }
    reports.push({ ratio, at: this.#wallTime() });
    if (reports.length > KEPT_REPORTS) reports.shift();
  }

  /** The factor of a model by now, and the share that nine of ten reports are within. */
  calibration(model: string, facts: TokenizerFacts): Calibration {
    const reports = this.#models.get(model) ?? [];
    if (reports.length === 0) return { factor: facts.factor, errorBand: facts.errorBand, reports: 0 };
    const now = this.#wallTime();
    const { factor, errorBand } = facts;
    const weighed: Weighed[] = reports.map(({ ratio, at }) => ({
      value: ratio,
      weight: 0.5 ** (Math.max(0, now - at) / HALF_LIFE_MS),
    }));
    const table = [1 - errorBand, 1, 1 + errorBand].map((share) => ({
      value: factor * share,
      weight: TABLE_WEIGHT / 3,
    }));
    const all = [...weighed, ...table];
    const learnt = quantile(all, 0.5);
    const residuals = all.map(({ value, weight }) => ({ value: Math.abs(value / learnt - 1), weight }));
    return { factor: learnt, errorBand: quantile(residuals, 0.9), reports: reports.length };
  }
}

interface Weighed {
  readonly value: number;
  readonly weight: number;
}

/** The least value that this share of the weight lies at or below. */
function quantile(values: readonly Weighed[], share: number): number {
  const sorted = values.toSorted((one, other) => one.value - other.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let seen = 0;
  for (const { value, weight } of sorted) {
    seen += weight;
    if (seen >= total * share) return value;
  }
  return sorted.at(-1)?.value ?? 1;
}
