import { isGenerationId } from '../core/identifier.ts';
import type { GenerationStatus } from '../core/record.ts';
import type { GenerationFilters, GenerationPlace } from '../ledger/ledger.ts';
import { PURPOSES, type Purpose } from '../pipeline/aside.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { badValue, readCount, readQueryWords, readTime } from './query-words.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const STATUSES: readonly GenerationStatus[] = ['running', 'complete', 'failed', 'cancelled', 'interrupted'];
const WORDS = [
  'route',
  'model',
  'deployment',
  'status',
  'key',
  'data',
  'fallback',
  'aside',
  'since',
  'until',
  'limit',
  'cursor',
];

async function listGenerations(call: EndpointCall): Promise<void> {
  const words = readQueryWords(call.target.query, WORDS, 'a list of generations');
  const limit = readCount(words, 'limit', DEFAULT_LIMIT, MAX_LIMIT);
  const after = cursorOf(words.get('cursor'));
  const page = await call.context.steps.ledger.list({ filters: filtersOf(words), limit, after });
  const next = page.next === null ? null : encodeCursor(page.next);
  sendJson(call, 200, { object: 'list', data: page.generations, next_cursor: next });
}

function filtersOf(words: ReadonlyMap<string, string>): GenerationFilters {
  const filters: { -readonly [Name in keyof GenerationFilters]: GenerationFilters[Name] } = {};
  for (const name of ['route', 'model', 'deployment', 'key', 'data'] as const) {
    const value = words.get(name);
    if (value !== undefined) filters[name] = value;
  }
  const status = words.get('status');
  if (status !== undefined) filters.status = statusOf(status);
  const fallback = words.get('fallback');
  if (fallback !== undefined) filters.fallback = fallback === 'true' || (fallback === 'false' ? false : fallback);
  const aside = asideOf(words.get('aside'));
  if (aside !== 'any') filters.aside = aside;
  const since = words.get('since');
  if (since !== undefined) filters.sinceMs = readTime('since', since);
  const until = words.get('until');
  if (until !== undefined) filters.untilMs = readTime('until', until);
  return filters;
}

/** What Candor itself asked is nobody's request: it is listed where it is asked for. */
function asideOf(word: string | undefined): false | Purpose | 'any' {
  if (word === undefined) return false;
  const known = word === 'any' ? word : PURPOSES.find((purpose) => purpose === word);
  if (known === undefined) throw badValue('aside', `any, or one of ${PURPOSES.join(', ')}`);
  return known;
}

function statusOf(text: string): GenerationStatus {
  const status = STATUSES.find((known) => known === text);
  if (status === undefined) throw badValue('status', `one of ${STATUSES.join(', ')}`);
  return status;
}

function encodeCursor({ createdMs, id }: GenerationPlace): string {
  return Buffer.from(`${createdMs} ${id}`).toString('base64url');
}

function cursorOf(text: string | undefined): GenerationPlace | null {
  if (text === undefined) return null;
  const [created = '', id = ''] = Buffer.from(text, 'base64url').toString().split(' ');
  const place = { createdMs: Number(created), id };
  // Only our own come back, and unchanged.
  if (!/^\d{1,15}$/.test(created) || !isGenerationId(id) || encodeCursor(place) !== text) {
    throw badValue('cursor', 'the `next_cursor` of a page before, unchanged');
  }
  return place;
}

/** `GET /v1/generations`. */
export const generationList: Endpoint = { method: 'GET', path: '/v1/generations', handle: listGenerations };
