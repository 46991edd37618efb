import type { ContentPart, OriginalRequest, ToolCall, ToolMessage } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { textAt } from '../../core/json-scan.ts';
import { optionalString, requireArray, requireObject, requireString } from '../member-checks.ts';
import { knownMembers } from '../known-members.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';
import { Fields } from './fields.ts';
import { decodeMedia } from './media.ts';

const CALL = knownMembers('id name args', 'partialArgs willContinue');
const RESPONSE = knownMembers('id name response parts', 'scheduling willContinue');
const RESPONSE_PART = knownMembers('inlineData fileData', 'mediaProcessing');

/** The calls of one turn that have no result yet. Calls without an id are known by their name and order. */
export class OpenCalls {
  #calls: ToolCall[] = [];

  /** Notes the calls of a model's turn. @throws GatewayError `invalid_messages` for two of one id */
  begin(calls: readonly ToolCall[], path: string): void {
    if (new Set(calls.map((call) => call.id)).size < calls.length) {
      throw new GatewayError('invalid_messages', 'two function calls of one content have the same id', { param: path });
    }
    this.#calls = [...calls];
  }

  /** Takes out the call that a result answers. @throws GatewayError `invalid_messages` when there is none */
  close(id: string | null, name: string, path: string): ToolCall {
    const at = this.#calls.findIndex((call) => (id === null ? call.name === name : call.id === id));
    const [call] = at < 0 ? [] : this.#calls.splice(at, 1);
    if (call !== undefined) return call;
    throw new GatewayError('invalid_messages', `no function call \`${id ?? name}\` stands before this result`, {
      param: `${path}.${id === null ? 'name' : 'id'}`,
    });
  }

  /** @throws GatewayError `invalid_messages` when a call has no result where the conversation goes on */
  requireNone(path: string): void {
    if (this.#calls.length === 0) return;
    const names = this.#calls.map((call) => `${call.name} (${call.id})`).join(', ');
    throw new GatewayError('invalid_messages', `the function calls ${names} have no result`, { param: path });
  }
}

/** Decodes a call of the history. One without an id gets the same one every time. @throws GatewayError */
export function decodeFunctionCall(
  call: JsonObject,
  path: string,
  { original, found }: { readonly original: OriginalRequest; readonly found: UnplacedFields },
): ToolCall {
  const fields = new Fields(call, path, CALL, found);
  const name = requireString(fields.value('name'), fields.path('name'));
  const id = optionalString(fields.value('id'), fields.path('id')) || `call_${path.replace(/\D+/g, '_').slice(1, -1)}`;
  const args = requireObject(fields.value('args') ?? {}, fields.path('args'));
  const written = original.inexact.has('contents') ? textAt(original.bytes, fields.path('args')) : null;
  return { id, name, arguments: written ?? JSON.stringify(args), argumentsPath: fields.path('args') };
}

/** Decodes a result as the answer to its call. @throws GatewayError */
export function decodeFunctionResponse(
  result: JsonObject,
  path: string,
  open: OpenCalls,
  { found, paths }: { readonly found: UnplacedFields; readonly paths: Record<string, string> },
): ToolMessage {
  const fields = new Fields(result, path, RESPONSE, found);
  const name = requireString(fields.value('name'), fields.path('name'));
  const id = optionalString(fields.value('id'), fields.path('id'));
  const response = requireObject(fields.value('response') ?? {}, fields.path('response'));
  const call = open.close(id === '' ? null : id, name, path);
  const said = readResponse(response);
  paths[`${path}.content`] = fields.path('response');
  paths[`${path}.is_error`] = fields.path('response');
  paths[`${path}.tool_call_id`] = fields.path('id');
  const media = requireArray(fields.value('parts') ?? [], fields.path('parts')).map((entry, index): ContentPart => {
    const at = `${fields.path('parts')}[${index}]`;
    const part = requireObject(entry, at);
    return (
      decodeMedia(part, new Fields(part, at, RESPONSE_PART, found), found) ?? { type: 'native', native: part, path: at }
    );
  });
  return {
    role: 'tool',
    path,
    original: result,
    name,
    toolCallId: call.id,
    content: [{ type: 'text', text: said.text, path: fields.path('response') }, ...media],
    ...(said.isError ? { isError: true } : {}),
  };
}

/** `output` and `error` say which of the two it is; an object without them is the output itself (vendor's reference). */
function readResponse(response: JsonObject): { readonly text: string; readonly isError: boolean } {
  const keys = Object.keys(response);
  const [only] = keys;
  if (keys.length !== 1 || (only !== 'output' && only !== 'error'))
    return { text: JSON.stringify(response), isError: false };
  const value: JsonValue = response[only] ?? null;
  return { text: typeof value === 'string' ? value : JSON.stringify(value), isError: only === 'error' };
}
