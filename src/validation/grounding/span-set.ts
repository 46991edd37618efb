/** A part of a text; offsets with `end` excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans of one text, in any order: tells in logarithmic time whether another one shares a character with any of them. */
export class SpanSet {
  readonly #merged: Span[] = [];

  constructor(spans: readonly Span[]) {
    for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
      const last = this.#merged.at(-1);
      if (last === undefined || start > last.end) this.#merged.push({ start, end });
      else if (end > last.end) this.#merged[this.#merged.length - 1] = { start: last.start, end };
    }
  }

  overlaps({ start, end }: Span): boolean {
    let low = 0;
    let high = this.#merged.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#merged[middle]?.end ?? 0) <= start) low = middle + 1;
      else high = middle;
    }
    return (this.#merged[low]?.start ?? Infinity) < end;
  }

  /** Whether the character at `offset` is in one of them. */
  holds(offset: number): boolean {
    return this.overlaps({ start: offset, end: offset + 1 });
  }
}
