import type { Message } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import { optionalString, requireArray, requireObject, requireString, requireWord } from '../member-checks.ts';
import { decodeContent } from './content.ts';
import { decodeExtra, decodeReasoning } from './reasoning.ts';
import { Turns } from './turns.ts';

const MESSAGE = knownMembers('type role content id status', 'phase');
const ASSISTANT = knownMembers('type role content id status extra_content', 'phase');
const CALL = knownMembers('type call_id name arguments id status extra_content', 'caller namespace');
const OUTPUT = knownMembers('type call_id output id status', 'caller');
const STATUSES = ['in_progress', 'completed', 'incomplete'];

/**
 * The conversation of a request: `instructions`, then `input`. What the model said in a row (reasoning,
 * text, calls) is one message. Items of tools that a vendor runs are noted as of this protocol alone.
 * @throws GatewayError
 */
export function decodeConversation(json: JsonObject, findings: Findings): readonly Message[] {
  const messages: Message[] = [];
  const instructions = optionalString(json['instructions'], 'instructions');
  if (instructions !== null) messages.push(plainMessage('system', instructions, 'instructions', findings));
  const input = json['input'];
  if (typeof input === 'string') return [...messages, plainMessage('user', input, 'input', findings)];
  if (input === undefined || input === null) {
    throw new GatewayError('invalid_messages', '`input` is missing: send a text, or a list of items', {
      param: 'input',
    });
  }
  const items = requireArray(input, 'input');
  if (items.length === 0) {
    throw new GatewayError('invalid_messages', '`input` is empty: send at least one item', { param: 'input' });
  }
  const turns = new Turns(messages, findings.parameterPaths);
  items.forEach((item, index) =>
    decodeItem(requireObject(item, `input[${index}]`), `input[${index}]`, turns, findings),
  );
  return turns.end();
}

function plainMessage(role: 'system' | 'user', text: string, path: string, { parameterPaths }: Findings): Message {
  for (const member of ['content', 'role']) parameterPaths[`${path}.${member}`] = path;
  return { role, path, original: null, name: null, content: [{ type: 'text', text, path }] };
}

function decodeItem(item: JsonObject, path: string, turns: Turns, findings: Findings): void {
  const type = requireString(
    item['type'] ?? (item['role'] === undefined ? 'item_reference' : 'message'),
    `${path}.type`,
  );
  if (type === 'item_reference') {
    throw new GatewayError(
      'unsupported_parameter',
      `\`${path}\` names a stored item, and none are stored here: send the item itself`,
      { param: path },
    );
  }
  const decode = DECODERS.get(type);
  // Calls and results of tools that only this vendor has.
  if (decode === undefined) findings.protocolFields.push(path);
  else {
    checkHandles(item, path);
    decode(item, path, turns, findings);
  }
}

type DecodeItem = (item: JsonObject, path: string, turns: Turns, findings: Findings) => void;

const DECODERS: ReadonlyMap<string, DecodeItem> = new Map([
  ['message', decodeMessage],
  ['function_call', decodeCall],
  ['function_call_output', decodeOutput],
  ['reasoning', (item, path, turns, findings) => turns.addReasoning(decodeReasoning(item, path, findings), path)],
]);

/** What an item is called where it is stored, and how far it has come: nothing to say to a model. */
function checkHandles(item: JsonObject, path: string): void {
  optionalString(item['id'], `${path}.id`);
  const status = item['status'] ?? null;
  if (status !== null) requireWord(status, `${path}.status`, STATUSES);
}

function decodeMessage(item: JsonObject, path: string, turns: Turns, findings: Findings): void {
  const role = requireWord(item['role'], `${path}.role`, ['user', 'assistant', 'system', 'developer']);
  noteMembers(item, role === 'assistant' ? ASSISTANT : MESSAGE, path, findings);
  const at = `${path}.content`;
  if (role === 'assistant') {
    const content = decodeContent(item['content'], 'assistant', at, findings);
    turns.addText(content, decodeExtra(item['extra_content'], `${path}.extra_content`), path);
    return;
  }
  const content = decodeContent(item['content'], role === 'user' ? 'user' : 'system', at, findings);
  turns.add({ role: role as 'user' | 'system' | 'developer', path, original: item, name: null, content });
}

function decodeCall(item: JsonObject, path: string, turns: Turns, findings: Findings): void {
  noteMembers(item, CALL, path, findings);
  const extraContent = decodeExtra(item['extra_content'], `${path}.extra_content`);
  turns.addCall(
    {
      id: requireString(item['call_id'], `${path}.call_id`),
      name: requireString(item['name'], `${path}.name`),
      arguments: requireString(item['arguments'], `${path}.arguments`),
      argumentsPath: `${path}.arguments`,
      ...(extraContent === null ? {} : { extraContent }),
    },
    path,
  );
}

function decodeOutput(item: JsonObject, path: string, turns: Turns, findings: Findings): void {
  noteMembers(item, OUTPUT, path, findings);
  const toolCallId = requireString(item['call_id'], `${path}.call_id`);
  findings.parameterPaths[`${path}.tool_call_id`] = `${path}.call_id`;
  findings.parameterPaths[`${path}.content`] = `${path}.output`;
  const content = decodeContent(item['output'], 'tool', `${path}.output`, findings);
  turns.addResult({ role: 'tool', path, original: item, name: null, toolCallId, content });
}
