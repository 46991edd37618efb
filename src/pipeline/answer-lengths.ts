/** How long answers were: tokens, of the newest of them. */
export interface LengthSpread {
  readonly median: number;
  /** Nine of ten are between these. */
  readonly low: number;
  readonly high: number;
  /** Of how many answers. */
  readonly answers: number;
}

/** Answers that are remembered of each route and deployment, and pairs of those; of more, the oldest goes. */
const REMEMBERED = 128;
const PAIRS = 1024;
/** Fewer say nothing of the next one. */
const FEWEST = 8;

/** Remembers how long answers were, by route and deployment, to tell what the next one may cost. Nothing of their content. */
export class AnswerLengths {
  readonly #tokens = new Map<string, number[]>();

  /** Notes one whole answer. */
  add(route: string | null, deployment: string, completionTokens: number): void {
    const pair = keyOf(route, deployment);
    let lengths = this.#tokens.get(pair);
    if (lengths === undefined) {
      const [first] = this.#tokens.keys();
      if (this.#tokens.size >= PAIRS && first !== undefined) this.#tokens.delete(first);
      this.#tokens.set(pair, (lengths = []));
    }
    lengths.push(completionTokens);
    if (lengths.length > REMEMBERED) lengths.shift();
  }

  /** `null` while there were too few. */
  spread(route: string | null, deployment: string): LengthSpread | null {
    const lengths = this.#tokens.get(keyOf(route, deployment)) ?? [];
    if (lengths.length < FEWEST) return null;
    const sorted = lengths.toSorted((one, other) => one - other);
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return { median: at(0.5), low: at(0.05), high: at(0.95), answers: sorted.length };
  }
}

function keyOf(route: string | null, deployment: string): string {
  return `${route ?? ''}\n${deployment}`;
}
