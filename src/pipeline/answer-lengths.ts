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
/** Of logarithms: lengths within a tenth of each other are as good as equal. */
const LEAST_DEVIATION = 0.1;

/** The newest lengths of one pair, with the sums of their logarithms and of the squares of these: reckoned along, not anew for each answer. */
interface Lengths {
  readonly tokens: number[];
  sum: number;
  squares: number;
}

/** Remembers how long answers were, by route and deployment, to tell what the next one may cost. Nothing of their content. */
export class AnswerLengths {
  readonly #pairs = new Map<string, Lengths>();

  /** Notes one whole answer. */
  add(route: string | null, deployment: string, completionTokens: number): void {
    const pair = keyOf(route, deployment);
    let lengths = this.#pairs.get(pair);
    if (lengths === undefined) {
      const [first] = this.#pairs.keys();
      if (this.#pairs.size >= PAIRS && first !== undefined) this.#pairs.delete(first);
      this.#pairs.set(pair, (lengths = { tokens: [], sum: 0, squares: 0 }));
    }
    lengths.tokens.push(completionTokens);
    count(lengths, completionTokens, 1);
    if (lengths.tokens.length > REMEMBERED) count(lengths, lengths.tokens.shift() ?? 0, -1);
  }

  /** How unusual a length is here: by how many standard deviations its logarithm differs from the mean. `null` while there were too few. */
  deviation(route: string | null, deployment: string, completionTokens: number): number | null {
    const lengths = this.#pairs.get(keyOf(route, deployment));
    const answers = lengths?.tokens.length ?? 0;
    if (lengths === undefined || answers < FEWEST) return null;
    const mean = lengths.sum / answers;
    const variance = Math.max(0, (lengths.squares - answers * mean ** 2) / (answers - 1));
    // Where all were of one length, any other is as unusual as can be told.
    return (logOf(completionTokens) - mean) / Math.max(Math.sqrt(variance), LEAST_DEVIATION);
  }

  /** `null` while there were too few. */
  spread(route: string | null, deployment: string): LengthSpread | null {
    const lengths = this.#pairs.get(keyOf(route, deployment))?.tokens ?? [];
    if (lengths.length < FEWEST) return null;
    const sorted = lengths.toSorted((one, other) => one - other);
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return { median: at(0.5), low: at(0.05), high: at(0.95), answers: sorted.length };
  }
}

function count(lengths: Lengths, tokens: number, times: 1 | -1): void {
  const log = logOf(tokens);
  lengths.sum += times * log;
  lengths.squares += times * log ** 2;
}

function logOf(tokens: number): number {
  return Math.log(tokens + 1);
}

function keyOf(route: string | null, deployment: string): string {
  return `${route ?? ''}\n${deployment}`;
}
