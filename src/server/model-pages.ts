import type { JsonObject } from '../core/json.ts';
import type { ListedModel } from '../core/model-list.ts';
import { badValue, readCount, readQueryWords } from './query-words.ts';

/** A part of the list of models, and what its shape says of the rest. */
export interface ModelPage {
  readonly models: readonly ListedModel[];
  readonly members: JsonObject;
}

/** The vendors' own (Models API reference of each, 2026-11). */
const ANTHROPIC_DEFAULT = 20;
const GEMINI_DEFAULT = 50;
const MAX_PAGE = 1000;

/** The page that Anthropic's words ask for: after an id, or right before one. @throws GatewayError */
export function anthropicPage(models: readonly ListedModel[], query: string): ModelPage {
  const words = readQueryWords(query, ['limit', 'after_id', 'before_id', 'beta'], 'the list of models');
  // The client of the betas says so, and lists the same models.
  if ((words.get('beta') ?? 'true') !== 'true') throw badValue('beta', 'true, or left out');
  const limit = readCount(words, 'limit', ANTHROPIC_DEFAULT, MAX_PAGE);
  const after = words.get('after_id');
  const before = words.get('before_id');
  if (after !== undefined && before !== undefined) throw badValue('before_id', 'left out beside `after_id`');
  const start = after === undefined ? 0 : placeOf(models, after, 'after_id') + 1;
  const end = before === undefined ? models.length : placeOf(models, before, 'before_id');
  const page = before === undefined ? models.slice(start, start + limit) : models.slice(Math.max(0, end - limit), end);
  return {
    models: page,
    members: {
      first_id: page[0]?.id ?? null,
      last_id: page.at(-1)?.id ?? null,
      has_more: page.length < end - start,
    },
  };
}

/** The page that Gemini's words ask for. @throws GatewayError */
export function geminiPage(models: readonly ListedModel[], query: string): ModelPage {
  const words = readQueryWords(query, ['pageSize', 'pageToken'], 'the list of models');
  const size = readCount(words, 'pageSize', GEMINI_DEFAULT, MAX_PAGE);
  const token = words.get('pageToken');
  const last = token === undefined ? null : Buffer.from(token, 'base64url').toString();
  const start = last === null ? 0 : placeOf(models, last, 'pageToken') + 1;
  const page = models.slice(start, start + size);
  const end = page.at(-1);
  if (end === undefined || start + size >= models.length) return { models: page, members: {} };
  return { models: page, members: { nextPageToken: Buffer.from(end.id).toString('base64url') } };
}

function placeOf(models: readonly ListedModel[], id: string, word: string): number {
  const place = models.findIndex((model) => model.id === id);
  if (place >= 0) return place;
  throw badValue(word, word === 'pageToken' ? 'the `nextPageToken` of a page before' : 'the id of a model in the list');
}
