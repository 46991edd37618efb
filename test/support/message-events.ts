import { expect } from 'vitest';

import { objectMember, parseJson, stringMember, type JsonObject } from '../../src/core/json.ts';

/** The events of a Messages stream, from the raw bytes. The name of each must be its type. */
export function messageEvents(text: string): readonly JsonObject[] {
  expect(text).toMatch(/\n\n$/);
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      const event = JSON.parse(data ?? 'null') as JsonObject;
      expect(event['type']).toBe(name);
      return event;
    });
}

/** What a stream of Messages events does, event by event: its blocks with their deltas, by position. */
export function messageShape(events: readonly JsonObject[]): readonly unknown[] {
  return events.map((event) => {
    if (event['type'] === 'content_block_start') return [event['index'], event['content_block']];
    if (event['type'] === 'content_block_delta') return [event['index'], event['delta']];
    if (event['type'] === 'content_block_stop') return [event['index'], 'stop'];
    return event['type'];
  });
}

/** What a client of the protocol holds when the stream has ended. */
export interface CollectedMessage {
  readonly content: readonly JsonObject[];
  readonly stop_reason: string | null;
  readonly usage: JsonObject;
}

/** Adds up the events of a Messages stream, as the protocol's SDKs do. */
export function collectMessage(events: readonly JsonObject[]): CollectedMessage {
  const content: JsonObject[] = [];
  for (const event of events) {
    const index = Number(event['index']);
    const opened = objectMember(event, 'content_block');
    if (opened !== null) content[index] = opened;
    const block = content[index];
    const delta = objectMember(event, 'delta');
    if (block === undefined || delta === null) continue;
    for (const member of ['text', 'thinking', 'signature', 'partial_json']) {
      const piece = stringMember(delta, member);
      if (piece !== null) content[index] = { ...content[index], [member]: (stringMember(block, member) ?? '') + piece };
    }
  }
  const ending = events.find((event) => event['type'] === 'message_delta') ?? {};
  return {
    content: content.map(({ partial_json: written, ...block }) =>
      typeof written === 'string' ? { ...block, input: parseJson(written) } : block,
    ),
    stop_reason: stringMember(objectMember(ending, 'delta') ?? {}, 'stop_reason'),
    usage: objectMember(ending, 'usage') ?? {},
  };
}
