import { createHash } from 'node:crypto';

import { GatewayError } from '../core/errors.ts';
import { canonicalJson, type JsonObject } from '../core/json.ts';
import type { Route } from '../core/route.ts';
import { decodeChatRequest } from '../dialects/openai-chat/decode.ts';
import { openAiChatDialect } from '../dialects/openai-chat/encode.ts';
import type { ComparedItem, LoadedItem } from '../pipeline/comparison.ts';

const NAME_DIGITS = 32;
/** What the comparison itself decides. */
const OWN_MEMBERS = ['model', 'candor'];
const NO_HEADERS: ReadonlyMap<string, string> = new Map();

/**
 * The items of a set: bodies of chat requests without a model, each with what is `expected` or without. An item goes by a
 * hash of its request, so that it counts once, wherever it stands in whichever file.
 * @throws GatewayError for an item that is no chat request, by its place
 */
export function goldenItems(set: readonly JsonObject[], { name }: Route): readonly ComparedItem[] {
  const items = new Map<string, ComparedItem>();
  for (const [index, { expected, ...body }] of set.entries()) {
    const own = OWN_MEMBERS.find((member) => Object.hasOwn(body, member));
    if (own !== undefined) {
      const param = `set[${index}].${own}`;
      throw new GatewayError('unsupported_parameter', `\`${param}\` is for the comparison to decide`, { param });
    }
    const load = (): LoadedItem => loadItem(body, name);
    checkItem(index, load);
    const hash = createHash('sha256').update(canonicalJson(body)).digest('hex');
    const item = { name: `golden:${hash.slice(0, NAME_DIGITS)}`, expected, load: () => Promise.resolve(load()) };
    items.set(item.name, item);
  }
  return [...items.values()];
}

function loadItem(body: JsonObject, route: string): LoadedItem {
  // Only of a stream it is known when its first content came.
  const bytes = Buffer.from(JSON.stringify({ ...body, model: route, stream: body['stream'] ?? true }));
  return { request: decodeChatRequest(bytes, NO_HEADERS), dialect: openAiChatDialect, of: null };
}

function checkItem(index: number, load: () => LoadedItem): void {
  try {
    load();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const param = `set[${index}]${error.param === null ? '' : `.${error.param}`}`;
    throw new GatewayError(error.code, `item ${index + 1} of the set: ${error.message}`, { param });
  }
}
