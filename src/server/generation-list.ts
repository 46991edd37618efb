import { GatewayError } from '../core/errors.ts';
import { isGenerationId } from '../core/identifier.ts';
import { ISO_TIME_FORM, parseIsoTime } from '../core/iso-time.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { GenerationStatus } from '../core/record.ts';
import type { GenerationFilters, GenerationPlace } from '../ledger/ledger.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';

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
  'since',
  'until',
  'limit',
  'cursor',
];

async function listGenerations(call: EndpointCall): Promise<void> {
  const words = readWords(call.target.query);
  const limit = limitOf(words.get('limit'));
  const after = cursorOf(words.get('cursor'));
  const page = await call.context.steps.ledger.list({ filters: filtersOf(words), limit, after });
  const next = page.next === null ? null : encodeCursor(page.next);
  sendJson(call, 200, { object: 'list', data: page.generations, next_cursor: next });
}

/** The words of the query by name. @throws GatewayError for one that is unknown, doubled or empty */
function readWords(query: string): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!WORDS.includes(name)) {
      const nearest = nearestName(name, WORDS);
      const advice = nearest === null ? `it takes ${WORDS.join(', ')}` : `did you mean \`${nearest}\`?`;
      throw badWord(name.slice(0, 80), `a list of generations takes no \`${name.slice(0, 80)}\`; ${advice}`);
    }
    if (words.has(name)) throw badWord(name, `\`${name}\` is given twice: send each filter once`);
    if (value === '') throw badWord(name, `\`${name}\` is empty: leave it out, or give it a value`);
    words.set(name, value);
  }
  return words;
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
  const since = words.get('since');
  if (since !== undefined) filters.sinceMs = timeOf('since', since);
  const until = words.get('until');
  if (until !== undefined) filters.untilMs = timeOf('until', until);
  return filters;
}

function statusOf(text: string): GenerationStatus {
  const status = STATUSES.find((known) => known === text);
  if (status === undefined) throw badValue('status', `one of ${STATUSES.join(', ')}`);
  return status;
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw badValue('limit', `a whole number from 1 to ${MAX_LIMIT}`);
}

function timeOf(name: string, text: string): number {
  // A plus sign that was not escaped has become a space.
  const timeMs = /^\d{1,15}$/.test(text) ? Number(text) : parseIsoTime(text.replace(' ', '+'));
  if (timeMs === null) throw badValue(name, `milliseconds since 1970, or ${ISO_TIME_FORM}`);
  return timeMs;
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

function badWord(name: string, message: string): GatewayError {
  return new GatewayError('unsupported_parameter', message, { param: name });
}

function badValue(name: string, wanted: string): GatewayError {
  return new GatewayError('param_out_of_range', `\`${name}\` must be ${wanted}`, { param: name });
}

/** `GET /v1/generations`. */
export const generationList: Endpoint = { method: 'GET', path: '/v1/generations', handle: listGenerations };
