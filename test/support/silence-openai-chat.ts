import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { isSameJson, isWithin, leavesOf, valueAt } from './json-leaves.ts';
import type { Located, SentRequest } from './silence-sent.ts';

/** A list of texts as the one text that some vendors take instead. */
function joined(content: JsonValue | undefined): JsonValue | undefined {
  if (!Array.isArray(content)) return content;
  return (content as readonly { readonly text?: string }[]).map(({ text }) => text ?? '').join('');
}

/** In a body of the client's own protocol every leaf stands where it stood, but for messages that Candor put in between. */
export function locateInOpenAiChat(request: JsonObject, { body, adjustments }: SentRequest): Located {
  const messages = request['messages'] as readonly JsonObject[];
  const contents = messages.flatMap(({ content }) => [content, joined(content)]);
  const isAdded = (message: JsonObject): boolean =>
    message['role'] === 'system' && !contents.some((content) => isSameJson(content, message['content']));
  const sentMessages = body['messages'] as readonly JsonObject[];
  const added = sentMessages.filter(isAdded);
  const kept: JsonObject = { ...body, messages: sentMessages.filter((message) => !isAdded(message)) };
  const found = new Map(leavesOf(kept));
  // Who instructs is the developer to some vendors and the system to others.
  for (const [path, value] of leavesOf(request)) {
    const isRole = /^messages\[\d+\]\.role$/.test(path);
    if (isRole && value === 'developer' && found.get(path) === 'system') found.set(path, value);
  }
  // One sequence may be sent as a list of one.
  if (typeof request['stop'] === 'string' && found.has('stop[0]')) found.set('stop', found.get('stop[0]') as JsonValue);
  const isExplained = (path: string): boolean =>
    ['model', 'stream_options.include_usage', 'stop[0]'].includes(path) ||
    adjustments.some(({ param, sent }) => isWithin(path, param) || isSameJson(sent, found.get(path))) ||
    (path === 'response_format.type' && adjustments.some(({ kind }) => kind === 'emulated'));
  const extra = [...found.keys()].filter((path) => valueAt(request, path) === undefined && !isExplained(path));
  const emulated = adjustments.some(({ kind }) => kind === 'emulated') ? 1 : 0;
  const unexplained = added.filter((message) => !adjustments.some(({ sent }) => isSameJson(sent, message['content'])));
  return {
    found,
    extra: [
      ...extra.map((path) => `${path} was added, and nothing said`),
      ...unexplained
        .slice(emulated)
        .map((message) => `a message was added, and nothing said: ${JSON.stringify(message)}`),
    ],
  };
}
