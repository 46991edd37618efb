interface Entry<Event> {
  readonly atMs: number;
  readonly nth: number;
  readonly event: Event;
}

/** What is still to come, the earliest first; of the same moment, in the order it was put in. */
export class EventQueue<Event> {
  readonly #heap: Entry<Event>[] = [];
  #count = 0;

  /** When the next is due; Infinity: there is none. */
  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Infinity;
  }

  /** @throws Error when the time is not a number: such an event would never come */
  put(atMs: number, event: Event): void {
    if (Number.isNaN(atMs)) throw new Error('an event is to come at no time');
    const heap = this.#heap;
    const entry = { atMs, nth: this.#count++, event };
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  /** @throws Error when there is none */
  take(): Event {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) throw new Error('nothing is to come');
    if (heap.length > 0) this.#sink(last);
    return first.event;
  }

  #sink(entry: Entry<Event>): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, entry)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = entry;
  }
}

function isBefore<Event>(one: Entry<Event>, other: Entry<Event>): boolean {
  return one.atMs === other.atMs ? one.nth < other.nth : one.atMs < other.atMs;
}
