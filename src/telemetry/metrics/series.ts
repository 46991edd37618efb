import type { JsonObject } from '../../core/json.ts';

/** Counters and histograms that cost a few look-ups each time: every request counts in about ten of them. */

/** How one metric of several processes becomes one. */
export type Aggregator = 'sum' | 'min' | 'first';

/** One metric with all its series: plain data that goes from one process to another. */
export interface MetricFamily extends JsonObject {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: Aggregator;
  /** Of histograms the upper ends of the buckets, the last of which has none; else empty. */
  readonly bounds: readonly number[];
  readonly series: readonly Series[];
}

/** One series of a metric. */
export interface Series extends JsonObject {
  /** As they are written: `route="legal",status="complete"`. */
  readonly labels: string;
  /** One value; of a histogram how many there are in each bucket, and at the end their sum. */
  readonly values: readonly number[];
}

interface Description {
  /** Without the `candor_` that all names begin with. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** What is so at this moment: a value for each set of labels. */
export function gauge(
  { name, help, labels }: Description,
  rows: readonly (readonly [value: number, ...labels: string[]])[],
  aggregator: Aggregator = 'sum',
): MetricFamily {
  const series = rows.map(([value, ...given]) => ({ labels: labelText(labels, given), values: [value] }));
  return { name: `candor_${name}`, help, type: 'gauge', aggregator, bounds: [], series };
}

/** Something that only grows. */
export class Counter {
  readonly #description: Description;
  readonly #series: SeriesTree<{ value: number }>;

  constructor(description: Description) {
    this.#description = description;
    this.#series = new SeriesTree(() => ({ value: 0 }), description.labels.length === 0);
  }

  /** @param labels their values, in the order of the description */
  add(value: number, ...labels: readonly string[]): void {
    this.#series.at(labels).value += value;
  }

  family(): MetricFamily {
    const { name, help, labels } = this.#description;
    const series = this.#series
      .all()
      .map(([given, { value }]) => ({ labels: labelText(labels, given), values: [value] }));
    return { name: `candor_${name}`, help, type: 'counter', aggregator: 'sum', bounds: [], series };
  }
}

interface Tally {
  readonly counts: number[];
  sum: number;
}

/** How values are spread over buckets. */
export class Histogram {
  readonly #description: Description;
  readonly #bounds: readonly number[];
  readonly #series: SeriesTree<Tally>;

  /** @param bounds upper ends of the buckets, ascending; the last bucket has none */
  constructor(description: Description, bounds: readonly number[]) {
    this.#description = description;
    this.#bounds = bounds;
    const make = (): Tally => ({ counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 });
    this.#series = new SeriesTree(make, description.labels.length === 0);
  }

  /** @param labels their values, in the order of the description */
  observe(value: number, ...labels: readonly string[]): void {
    const tally = this.#series.at(labels);
    let bucket = 0;
    while (value > (this.#bounds[bucket] ?? Infinity)) bucket++;
    tally.counts[bucket] = (tally.counts[bucket] ?? 0) + 1;
    tally.sum += value;
  }

  family(): MetricFamily {
    const { name, help, labels } = this.#description;
    const series = this.#series
      .all()
      .map(([given, { counts, sum }]) => ({ labels: labelText(labels, given), values: [...counts, sum] }));
    return { name: `candor_${name}`, help, type: 'histogram', aggregator: 'sum', bounds: this.#bounds, series };
  }
}

function labelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escaped(values[index] ?? '')}"`).join(',');
}

function escaped(value: string): string {
  return value.replaceAll(/[\\\n"]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

interface SeriesNode<Value> {
  readonly branches: Map<string, SeriesNode<Value>>;
  value: Value | null;
}

/** A value for each list of labels' values. Maps in maps: no key has to be put together to find one. */
class SeriesTree<Value> {
  readonly #make: () => Value;
  readonly #root: SeriesNode<Value>;

  /** @param hasValue whether there is a value already: what has no labels begins at 0, not with nothing */
  constructor(make: () => Value, hasValue: boolean) {
    this.#make = make;
    this.#root = { branches: new Map(), value: hasValue ? make() : null };
  }

  at(labels: readonly string[]): Value {
    let node = this.#root;
    for (const label of labels) {
      let next = node.branches.get(label);
      if (next === undefined) {
        next = { branches: new Map(), value: null };
        node.branches.set(label, next);
      }
      node = next;
    }
    return (node.value ??= this.#make());
  }

  all(): readonly (readonly [labels: readonly string[], value: Value])[] {
    return seriesBelow(this.#root, []);
  }
}

function seriesBelow<Value>(
  { branches, value }: SeriesNode<Value>,
  labels: readonly string[],
): readonly (readonly [labels: readonly string[], value: Value])[] {
  const below = [...branches].flatMap(([label, branch]) => seriesBelow(branch, [...labels, label]));
  return value === null ? below : [[labels, value], ...below];
}
