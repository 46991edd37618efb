import { featuresOf, isCircular, type FeatureVector } from './features.ts';
import { isAccepted, type ConfidenceLabel, type ConfidenceScope } from './label.ts';
import { drawOf } from './seeded-draws.ts';

/** An answer that was judged. */
export interface JudgedAnswer {
  readonly generation: string;
  /** When the last label came, in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Until when it counts, in milliseconds since the Unix epoch. */
  readonly untilMs: number;
  readonly features: FeatureVector;
  /** Everything that was said of it says that it was right. */
  readonly accepted: boolean;
}

interface Verdict {
  readonly atMs: number;
  readonly accepted: boolean;
}

interface Kept {
  readonly features: FeatureVector;
  /** For how long after its last label it counts. */
  readonly countsMs: number;
  /** What each source last said of each part. */
  readonly verdicts: Map<string, Verdict>;
  atMs: number;
}

const MOST_ANSWERS = 5000;
/** How many more are kept before the oldest are dropped, all at once. */
const SLACK = 500;
const HALF_LIFE_MS = 14 * 24 * 3_600_000;
const SHARE_FOR_SCORE = 1 / 3;

/** What was said of the answers of one scope, of the latest 5,000 of them. In whatever order labels come, the same is kept. */
export class ScopeLabels {
  readonly scope: ConfidenceScope;
  readonly #answers = new Map<string, Kept>();
  #circular = 0;
  #changes = 0;
  #latestMs = -Infinity;

  constructor(scope: ConfidenceScope) {
    this.scope = scope;
  }

  /** Labels that were left out: a validator's, whose findings are among the features. */
  get circular(): number {
    return this.#circular;
  }

  /** Counts every label that was taken. */
  get changes(): number {
    return this.#changes;
  }

  get size(): number {
    return this.#answers.size;
  }

  get latestMs(): number {
    return this.#latestMs;
  }

  /** Whether the label was taken, and is the first of its answer. */
  add(label: ConfidenceLabel): boolean {
    if (isCircular(label.source)) {
      this.#circular++;
      return false;
    }
    this.#changes++;
    this.#latestMs = Math.max(this.#latestMs, label.at);
    const known = this.#answers.get(label.generation);
    const kept = known ?? newlyKept(label);
    kept.atMs = Math.max(kept.atMs, label.at);
    const part = JSON.stringify([label.source, label.field]);
    kept.verdicts.set(part, later(kept.verdicts.get(part), { atMs: label.at, accepted: isAccepted(label.accepted) }));
    if (known !== undefined) return false;
    this.#answers.set(label.generation, kept);
    if (this.#answers.size > MOST_ANSWERS + SLACK) this.#dropOldest();
    return true;
  }

  /**
   * The answers that were judged, the earliest first. Labels fade with a half-life of 14 days: each counts in full until
   * it no longer counts, and when that is is drawn by the answer's id. So counts stay whole, as exact bounds want them.
   */
  judged(): readonly JudgedAnswer[] {
    return this.#byTime()
      .slice(-MOST_ANSWERS)
      .map(({ generation, kept: { atMs, countsMs, features, verdicts } }) => {
        const accepted = Array.from(verdicts.values()).every((verdict) => verdict.accepted);
        return { generation, atMs, untilMs: atMs + countsMs, features, accepted };
      });
  }

  /** Those of them that count at this time. */
  inForce(nowMs: number): readonly JudgedAnswer[] {
    return this.judged().filter(({ untilMs }) => untilMs > nowMs);
  }

  #dropOldest(): void {
    for (const { generation } of this.#byTime().slice(0, -MOST_ANSWERS)) this.#answers.delete(generation);
  }

  #byTime(): readonly (Timed & { readonly kept: Kept })[] {
    const answers = Array.from(this.#answers, ([generation, kept]) => ({ generation, atMs: kept.atMs, kept }));
    return answers.sort(byTime);
  }
}

function newlyKept({ generation, signals, at }: ConfidenceLabel): Kept {
  const countsMs = -HALF_LIFE_MS * Math.log2(drawOf('fade', generation));
  return { features: featuresOf(signals), countsMs, verdicts: new Map(), atMs: at };
}

/** Whether an answer's labels fit the route's score, one in three, drawn by its id; those of the others calibrate, so that no label judges itself. */
export function isForScore(generation: string): boolean {
  return drawOf('score', generation) < SHARE_FOR_SCORE;
}

/** Of two at the same time the one that is against the answer. */
function later(known: Verdict | undefined, verdict: Verdict): Verdict {
  if (known === undefined || verdict.atMs > known.atMs) return verdict;
  return verdict.atMs === known.atMs && known.accepted ? verdict : known;
}

interface Timed {
  readonly generation: string;
  readonly atMs: number;
}

/** Equal times are told apart by the id, so that the order in which labels came plays no part. */
export function byTime(a: Timed, b: Timed): number {
  return a.atMs - b.atMs || (a.generation < b.generation ? -1 : Number(a.generation > b.generation));
}
