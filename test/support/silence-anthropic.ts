import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../src/core/json.ts';
import { isSameJson, leavesOf, valueAt } from './json-leaves.ts';
import { partsOf, readSystem, SentCursor } from './silence-cursor.ts';
import type { Located, SentRequest } from './silence-sent.ts';

/** Where Anthropic's Messages API has what a Chat Completions request says (API reference, Messages). */
export function locateInAnthropic(request: JsonObject, sent: SentRequest): Located {
  const { body } = sent;
  const pieces = (body['messages'] as readonly JsonObject[]).flatMap((message) =>
    (message['content'] as readonly JsonObject[]).map((piece) => ({ role: message['role'] as string, piece })),
  );
  const system = ((body['system'] ?? []) as readonly JsonObject[]).map((block) => block['text'] as string);
  const cursor = new SentCursor(pieces, system, sent);
  locateParameters(request, body, cursor);
  locateTools(request, body, cursor);
  locateFormat(request, body, cursor);
  const messages = request['messages'] as readonly JsonObject[];
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    const instructs = message['role'] === 'system' || message['role'] === 'developer';
    const isLate = messages.slice(0, index).some(({ role }) => role !== 'system' && role !== 'developer');
    if (instructs && isLate) readLateSystem(cursor, message, path);
    else if (instructs) readSystem(cursor, message, path);
    else if (message['role'] !== 'tool') readTurn(cursor, message, path);
    else if (messages[index - 1]?.['role'] !== 'tool') readResults(cursor, messages, index);
  });
  return { found: cursor.found, extra: cursor.extra() };
}

function locateParameters(request: JsonObject, body: JsonObject, cursor: SentCursor): void {
  for (const name of ['temperature', 'top_p'] as const) cursor.note(name, body[name]);
  for (const name of ['max_tokens', 'max_completion_tokens']) cursor.note(name, body['max_tokens']);
  const sequences = (body['stop_sequences'] ?? []) as readonly JsonValue[];
  sequences.forEach((sequence, index) =>
    cursor.note(typeof request['stop'] === 'string' ? 'stop' : `stop[${index}]`, sequence),
  );
  const { effort } = (body['output_config'] ?? {}) as JsonObject;
  // Extended thinking is off unless it is asked for; the newest models cannot leave it off.
  const canRest = !/(opus|sonnet|fable)-5/.test(body['model'] as string);
  cursor.note('reasoning_effort', effort ?? (canRest ? 'none' : undefined));
}

function locateTools(request: JsonObject, body: JsonObject, cursor: SentCursor): void {
  ((body['tools'] ?? []) as readonly JsonObject[]).forEach((tool, index) => {
    const path = `tools[${index}]`;
    cursor.note(`${path}.type`, 'function');
    for (const name of ['name', 'description', 'strict']) cursor.note(`${path}.function.${name}`, tool[name]);
    for (const [at, value] of leavesOf(tool['input_schema'] as JsonValue, `${path}.function.parameters`))
      cursor.note(at, value);
  });
  const choice = (body['tool_choice'] ?? {}) as JsonObject;
  if (choice['type'] === 'tool') {
    cursor.note('tool_choice.type', 'function');
    cursor.note('tool_choice.function.name', choice['name']);
  }
  cursor.note('tool_choice', { auto: 'auto', none: 'none', any: 'required' }[choice['type'] as string]);
  // A model that may call no tool calls no two at once.
  const asked = request['tool_choice'] === 'none' ? (request['parallel_tool_calls'] as JsonValue) : undefined;
  cursor.note('parallel_tool_calls', choice['disable_parallel_tool_use'] === true ? false : asked);
}

function locateFormat(request: JsonObject, body: JsonObject, cursor: SentCursor): void {
  const { format } = (body['output_config'] ?? {}) as { format?: { type: string; schema: JsonObject } };
  if (format === undefined) return;
  const path = 'response_format.json_schema';
  cursor.note('response_format.type', format.type);
  cursor.note(`${path}.name`, format.schema['title']);
  cursor.note(`${path}.description`, format.schema['description']);
  // The vendor enforces every schema it is given, which is more than `strict: false` asks for.
  cursor.note(`${path}.strict`, valueAt(request, `${path}.strict`));
  for (const [at, value] of leavesOf(format.schema, `${path}.schema`)) cursor.note(at, value);
}

/** Instructions in the midst of the conversation, which some models take there, in a role of their own. */
function readLateSystem(cursor: SentCursor, message: JsonObject, path: string): void {
  for (const { path: at, part } of partsOf(message, path)) {
    if (cursor.isDropped(at)) continue;
    const block = cursor.next('system');
    cursor.note(`${path}.role`, block['text'] === undefined ? undefined : message['role']);
    cursor.note(part['type'] === 'plain' ? at : `${at}.text`, block['text']);
    cursor.note(`${at}.type`, block['type']);
  }
}

function readTurn(cursor: SentCursor, message: JsonObject, path: string): void {
  const role = message['role'] as string;
  cursor.note(`${path}.role`, role);
  for (const { path: at, part } of partsOf(message, path)) {
    if (cursor.isDropped(at)) continue;
    const block = cursor.next(role);
    if (part['type'] === 'plain') cursor.note(at, block['text']);
    else if (block['type'] === 'image') noteImage(cursor, at, block['source'] as JsonObject);
    else {
      cursor.note(`${at}.type`, block['type']);
      cursor.note(`${at}.text`, block['text']);
    }
  }
  ((message['tool_calls'] ?? []) as readonly JsonObject[]).forEach((call, index) => {
    const block = cursor.next(role);
    const at = `${path}.tool_calls[${index}]`;
    if (block['type'] !== 'tool_use') return;
    const { arguments: written } = call['function'] as { arguments: string };
    cursor.note(`${at}.type`, 'function');
    cursor.note(`${at}.id`, block['id']);
    cursor.note(`${at}.function.name`, block['name']);
    cursor.note(`${at}.function.arguments`, isSameJson(parseJson(written), block['input']) ? written : undefined);
  });
}

function noteImage(cursor: SentCursor, at: string, source: JsonObject): void {
  cursor.note(`${at}.type`, 'image_url');
  const data = `data:${source['media_type'] as string};base64,${source['data'] as string}`;
  cursor.note(`${at}.image_url.url`, source['type'] === 'base64' ? data : source['url']);
}

/** The results of one turn's calls, which the vendor wants in the order of the calls, whatever order they came in. */
function readResults(cursor: SentCursor, messages: readonly JsonObject[], start: number): void {
  const run: { readonly message: JsonObject; readonly path: string }[] = [];
  for (let at = start; messages[at]?.['role'] === 'tool'; at++) {
    run.push({ message: messages[at] as JsonObject, path: `messages[${at}]` });
  }
  const calls = (messages[start - 1]?.['tool_calls'] ?? []) as readonly JsonObject[];
  for (const call of calls) {
    const block = cursor.next('user');
    const result = run.find(({ message }) => message['tool_call_id'] === call['id']);
    if (result === undefined || block['type'] !== 'tool_result') continue;
    cursor.note(`${result.path}.role`, 'tool');
    cursor.note(`${result.path}.tool_call_id`, block['tool_use_id']);
    const { content } = block;
    const texts = (
      typeof content === 'string' ? [content] : (content as readonly JsonObject[])
    ) as readonly JsonValue[];
    const kept = partsOf(result.message, result.path).filter(({ path }) => !cursor.isDropped(path));
    kept.forEach(({ path, part }, index) => {
      const text = isJsonObject(texts[index]) ? texts[index]['text'] : texts[index];
      cursor.note(part['type'] === 'plain' ? path : `${path}.text`, text);
      cursor.note(`${path}.type`, 'text');
    });
  }
}
