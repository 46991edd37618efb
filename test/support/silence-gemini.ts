import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../src/core/json.ts';
import { isSameJson, leavesOf, valueAt } from './json-leaves.ts';
import { partsOf, readSystem, SentCursor } from './silence-cursor.ts';
import type { Located, SentRequest } from './silence-sent.ts';

/** Token budgets of OpenAI's levels of effort (Gemini API, OpenAI compatibility, thinking). */
const BUDGETS: Readonly<Record<string, string>> = {
  0: 'none',
  512: 'minimal',
  1024: 'low',
  8192: 'medium',
  24576: 'high',
};

/** The tiers of the Gemini API, in OpenAI's words. */
const SERVICE_TIERS: Readonly<Record<string, string>> = { standard: 'default', flex: 'flex', priority: 'priority' };

/** Where Gemini's generateContent has what a Chat Completions request says (API reference, generateContent). */
export function locateInGemini(request: JsonObject, sent: SentRequest): Located {
  const { body } = sent;
  const pieces = (body['contents'] as readonly JsonObject[]).flatMap((content) =>
    (content['parts'] as readonly JsonObject[]).map((piece) => ({ role: content['role'] as string, piece })),
  );
  const instruction = (body['systemInstruction'] ?? { parts: [] }) as { parts: readonly { text: string }[] };
  const cursor = new SentCursor(
    pieces,
    instruction.parts.map((part) => part.text),
    sent,
  );
  locateParameters(request, (body['generationConfig'] ?? {}) as JsonObject, cursor);
  locateTools(body, cursor);
  cursor.note('service_tier', SERVICE_TIERS[body['serviceTier'] as string]);
  const names = new Map<string, string>();
  const messages = request['messages'] as readonly JsonObject[];
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message['role'] === 'system' || message['role'] === 'developer') readSystem(cursor, message, path);
    else if (message['role'] === 'tool') {
      if (messages[index - 1]?.['role'] !== 'tool') readResults(cursor, messages, index, names);
    } else readTurn(cursor, message, path, names);
  });
  return { found: cursor.found, extra: cursor.extra() };
}

function locateParameters(request: JsonObject, config: JsonObject, cursor: SentCursor): void {
  cursor.note('temperature', config['temperature']);
  cursor.note('top_p', config['topP']);
  cursor.note('seed', config['seed']);
  for (const name of ['max_tokens', 'max_completion_tokens']) cursor.note(name, config['maxOutputTokens']);
  const sequences = (config['stopSequences'] ?? []) as readonly JsonValue[];
  sequences.forEach((sequence, index) =>
    cursor.note(typeof request['stop'] === 'string' ? 'stop' : `stop[${index}]`, sequence),
  );
  const { thinkingBudget, thinkingLevel } = (config['thinkingConfig'] ?? {}) as {
    thinkingBudget?: number;
    thinkingLevel?: string;
  };
  cursor.note(
    'reasoning_effort',
    thinkingBudget === undefined ? thinkingLevel?.toLowerCase() : BUDGETS[thinkingBudget],
  );
  for (const [name, field] of [
    ['frequency_penalty', 'frequencyPenalty'],
    ['presence_penalty', 'presencePenalty'],
    ['n', 'candidateCount'],
  ] as const) {
    cursor.note(name, config[field]);
  }
  if (config['responseMimeType'] !== 'application/json') return;
  const schema = config['responseJsonSchema'] as JsonObject | undefined;
  const path = 'response_format.json_schema';
  const { type } = request['response_format'] as JsonObject;
  cursor.note(
    'response_format.type',
    type === 'json_schema' && schema === undefined && hasSchema(request) ? undefined : type,
  );
  // The vendor enforces every schema it is given, which is more than `strict: false` asks for.
  cursor.note(`${path}.strict`, valueAt(request, `${path}.strict`));
  if (schema === undefined) return;
  cursor.note(`${path}.name`, schema['title']);
  cursor.note(`${path}.description`, schema['description']);
  for (const [at, value] of leavesOf(schema, `${path}.schema`)) cursor.note(at, value);
}

function hasSchema(request: JsonObject): boolean {
  const format = request['response_format'] as { json_schema?: JsonObject };
  return isJsonObject(format.json_schema?.['schema']);
}

function locateTools(body: JsonObject, cursor: SentCursor): void {
  const [declared] = (body['tools'] ?? []) as readonly { functionDeclarations: readonly JsonObject[] }[];
  (declared?.functionDeclarations ?? []).forEach((tool, index) => {
    const path = `tools[${index}]`;
    cursor.note(`${path}.type`, 'function');
    for (const name of ['name', 'description']) cursor.note(`${path}.function.${name}`, tool[name]);
    const schema = tool['parametersJsonSchema'];
    if (schema === undefined) return;
    for (const [at, value] of leavesOf(schema, `${path}.function.parameters`)) cursor.note(at, value);
  });
  const { functionCallingConfig: calling = {} } = (body['toolConfig'] ?? {}) as { functionCallingConfig?: JsonObject };
  const allowed = calling['allowedFunctionNames'] as readonly string[] | undefined;
  if (allowed?.length === 1) {
    cursor.note('tool_choice.type', 'function');
    cursor.note('tool_choice.function.name', allowed[0]);
  } else cursor.note('tool_choice', { AUTO: 'auto', NONE: 'none', ANY: 'required' }[calling['mode'] as string]);
}

function readTurn(cursor: SentCursor, message: JsonObject, path: string, names: Map<string, string>): void {
  const role = message['role'] === 'assistant' ? 'model' : 'user';
  cursor.note(`${path}.role`, message['role']);
  for (const { path: at, part } of partsOf(message, path)) {
    if (cursor.isDropped(at)) continue;
    const piece = cursor.next(role);
    const image = piece['inlineData'] as JsonObject | undefined;
    if (part['type'] === 'plain') cursor.note(at, piece['text']);
    else if (image === undefined) {
      cursor.note(`${at}.type`, piece['text'] === undefined ? undefined : 'text');
      cursor.note(`${at}.text`, piece['text']);
    } else {
      cursor.note(`${at}.type`, 'image_url');
      cursor.note(`${at}.image_url.url`, `data:${image['mimeType'] as string};base64,${image['data'] as string}`);
    }
  }
  ((message['tool_calls'] ?? []) as readonly JsonObject[]).forEach((call, index) => {
    const made = cursor.next(role)['functionCall'] as JsonObject | undefined;
    const called = call['function'] as { name: string; arguments: string };
    names.set(call['id'] as string, called.name);
    if (made === undefined) return;
    const at = `${path}.tool_calls[${index}]`;
    cursor.note(`${at}.type`, 'function');
    cursor.note(`${at}.id`, made['id']);
    cursor.note(`${at}.function.name`, made['name']);
    cursor.note(
      `${at}.function.arguments`,
      isSameJson(parseJson(called.arguments), made['args']) ? called.arguments : undefined,
    );
  });
}

/** The results of one turn's calls, which stand in the order of the calls, whatever order they came in. */
function readResults(
  cursor: SentCursor,
  messages: readonly JsonObject[],
  start: number,
  names: ReadonlyMap<string, string>,
): void {
  const end = messages.findIndex((message, index) => index >= start && message['role'] !== 'tool');
  const run = messages.slice(start, end < 0 ? undefined : end);
  for (const call of (messages[start - 1]?.['tool_calls'] ?? []) as readonly JsonObject[]) {
    const at = run.findIndex((message) => message['tool_call_id'] === call['id']);
    if (at >= 0) readResult(cursor, run[at] as JsonObject, `messages[${start + at}]`, names);
  }
}

function readResult(cursor: SentCursor, message: JsonObject, path: string, names: ReadonlyMap<string, string>): void {
  const result = cursor.next('user')['functionResponse'] as JsonObject | undefined;
  if (result === undefined) return;
  cursor.note(`${path}.role`, 'tool');
  cursor.note(`${path}.tool_call_id`, result['id']);
  cursor.note(
    `${path}.name`,
    result['name'] === names.get(message['tool_call_id'] as string) ? result['name'] : undefined,
  );
  const { output } = result['response'] as { output: JsonValue };
  const texts = (Array.isArray(output) ? output : [output]) as readonly JsonValue[];
  partsOf(message, path).forEach(({ path: at, part }, index) => {
    cursor.note(part['type'] === 'plain' ? at : `${at}.text`, texts[index]);
    cursor.note(`${at}.type`, 'text');
  });
}
