import type { WrittenEvent } from '../journal/payload.ts';
import { type GenerationPlace, newestFirst } from './generation-query.ts';

/** Which events a page of them holds, newest first by creation. */
export interface EventQuery {
  readonly object: string;
  /** Only those created after this time, in milliseconds since the Unix epoch; `null`: all. */
  readonly afterMs: number | null;
  /** Only those that come after this one on the pages; `null`: from the newest on. */
  readonly next: GenerationPlace | null;
  /** How many at most. */
  readonly limit: number;
}

/** Where an event stands on the pages. One without a date is the oldest. */
export function eventPlace({ id, created_at: createdAt }: Pick<WrittenEvent, 'id' | 'created_at'>): GenerationPlace {
  const createdMs = Date.parse(createdAt);
  return { id, createdMs: Number.isNaN(createdMs) ? 0 : createdMs };
}

/** Whether the event belongs to the page or comes after it. */
export function isAsked(event: WrittenEvent, query: EventQuery): boolean {
  const place = eventPlace(event);
  return (
    event.object === query.object &&
    (query.afterMs === null || place.createdMs > query.afterMs) &&
    (query.next === null || newestFirst(query.next, place) < 0)
  );
}
