import type {
  AssistantMessage,
  ContentPart,
  ExtraContent,
  Message,
  OriginalRequest,
  ToolCall,
  ToolMessage,
} from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { ReturnedExtra } from '../../core/returned-extra.ts';
import { openExtra } from '../../core/sealed-extra.ts';
import { requireArray, requireObject, requireString, requireWord } from '../member-checks.ts';
import { knownMembers } from '../known-members.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';
import { Fields } from './fields.ts';
import { decodeFunctionCall, decodeFunctionResponse, OpenCalls } from './function-parts.ts';
import { decodeMedia } from './media.ts';

const CONTENT = knownMembers('role parts');
/** What a part may hold; the rest belongs to tools that run at the vendor, or says how it reads media. */
const PART = knownMembers(
  'text thought thoughtSignature inlineData fileData functionCall functionResponse ' +
    'executableCode codeExecutionResult toolCall toolResponse',
  'videoMetadata mediaResolution mediaProcessing partMetadata audioTranscription speechMetadata',
);

/** Of these a part has one (the vendor's reference: the union `data`). */
const SAID = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
];

/** One part of a content, with where it stands. */
interface PlacedPart {
  readonly part: JsonObject;
  readonly path: string;
  readonly fields: Fields;
}

/** One content, with where it stands. */
interface PlacedContent {
  readonly role: string;
  readonly original: JsonObject;
  readonly path: string;
  readonly parts: readonly PlacedPart[];
}

/** What the conversation is decoded with. */
export interface ContentsContext {
  readonly original: OriginalRequest;
  readonly found: UnplacedFields;
  /** Where the client wrote what elsewhere stands beside a message: the path there to its own. */
  readonly paths: Record<string, string>;
}

/**
 * Decodes the conversation. Each result of a function is a message of its own; contents of the model that
 * follow each other are one, for the SDKs keep each chunk of a stream as a content. @throws GatewayError
 */
export function decodeContents(value: JsonValue | undefined, context: ContentsContext): readonly Message[] {
  const list = requireArray(value, 'contents');
  if (list.length === 0) throw invalid('`contents` is empty: send at least one content', 'contents');
  const open = new OpenCalls();
  const messages: Message[] = [];
  let turn: ModelTurn | null = null;
  for (const [index, entry] of list.entries()) {
    const content = placeContent(entry, index, context);
    if (content.role === 'model') {
      if (turn === null) open.requireNone(content.path);
      turn ??= new ModelTurn(content, context);
      turn.add(content.parts);
      continue;
    }
    endTurn(turn, messages, open);
    turn = null;
    messages.push(...decodeUser(content, open, context));
  }
  endTurn(turn, messages, open);
  open.requireNone('contents');
  return messages;
}

function endTurn(turn: ModelTurn | null, messages: Message[], open: OpenCalls): void {
  if (turn === null) return;
  const message = turn.message();
  open.begin(message.toolCalls, message.path ?? 'contents');
  messages.push(message);
}

function placeContent(value: JsonValue, index: number, { found, paths }: ContentsContext): PlacedContent {
  const path = `contents[${index}]`;
  const original = requireObject(value, path);
  const fields = new Fields(original, path, CONTENT, found);
  const role = requireWord(fields.value('role') ?? 'user', `${path}.role`, ['user', 'model']);
  const parts = placeParts(fields.value('parts'), path, found);
  paths[`${path}.content`] = `${path}.parts`;
  if (parts.length === 0) throw invalid(`\`${path}.parts\` is empty: send text or at least one part`, `${path}.parts`);
  return { role, original, path, parts };
}

/** The instruction beside the conversation: texts, in one message. @throws GatewayError */
export function decodeSystem(
  value: JsonValue | undefined,
  path: string,
  { found, paths }: ContentsContext,
): readonly Message[] {
  if (value === undefined || value === null) return [];
  paths[`${path}.content`] = `${path}.parts`;
  paths[`${path}.role`] = path;
  const original = requireObject(value, path);
  const fields = new Fields(original, path, CONTENT, found);
  // The SDKs write a role where none is read.
  requireWord(fields.value('role') ?? 'system', `${path}.role`, ['system', 'user']);
  const content = placeParts(fields.value('parts'), path, found).map(
    ({ part, path: at, fields: members }): ContentPart => {
      const text = members.value('text');
      return typeof text === 'string'
        ? { type: 'text', text, path: `${at}.text` }
        : { type: 'native', native: part, path: at };
    },
  );
  return content.length === 0 ? [] : [{ role: 'system', path, original, name: null, content }];
}

function placeParts(value: JsonValue | undefined, path: string, found: UnplacedFields): readonly PlacedPart[] {
  return requireArray(value ?? [], `${path}.parts`).map((entry, index) => {
    const at = `${path}.parts[${index}]`;
    const part = requireObject(entry, at);
    const fields = new Fields(part, at, PART, found);
    const [, second] = SAID.filter((name) => fields.value(name) !== undefined);
    if (second !== undefined) throw invalid(`\`${at}\` says two things: make them two parts`, fields.path(second));
    return { part, path: at, fields };
  });
}

function decodeUser(
  { parts, original, path }: PlacedContent,
  open: OpenCalls,
  context: ContentsContext,
): readonly Message[] {
  const { found } = context;
  const results: ToolMessage[] = [];
  const content: ContentPart[] = [];
  for (const placed of parts) {
    const { fields } = placed;
    if (fields.value('functionResponse') === undefined) {
      content.push(decodePart(placed, found));
      noteVendorMarks(fields, found);
      continue;
    }
    // Elsewhere results come first: with something before one, only this protocol can say it.
    if (content.length > 0) found.protocol.push(placed.path);
    const at = fields.path('functionResponse');
    results.push(decodeFunctionResponse(requireObject(fields.value('functionResponse'), at), at, open, context));
  }
  open.requireNone(path);
  return content.length === 0 ? results : [...results, { role: 'user', path, original, name: null, content }];
}

/** Signatures and thoughts are a model's: what they would mean in a user's turn only the vendor knows. */
function noteVendorMarks(fields: Fields, found: UnplacedFields): void {
  for (const name of ['thought', 'thoughtSignature']) {
    const value = fields.value(name);
    if (value !== undefined && value !== false) found.protocol.push(fields.path(name));
  }
}

function decodePart({ part, path, fields }: PlacedPart, found: UnplacedFields): ContentPart {
  const text = fields.value('text');
  if (text !== undefined) {
    return { type: 'text', text: requireString(text, fields.path('text')), path: fields.path('text') };
  }
  return decodeMedia(part, fields, found) ?? { type: 'native', native: part, path };
}

/** The contents of one turn of the model, while they are read. */
class ModelTurn {
  readonly #first: PlacedContent;
  readonly #context: ContentsContext;
  readonly #content: ContentPart[] = [];
  readonly #toolCalls: ToolCall[] = [];
  readonly #thoughts: string[] = [];
  readonly #extra = new ReturnedExtra();
  #reasoning: string | null = null;

  constructor(first: PlacedContent, context: ContentsContext) {
    this.#first = first;
    this.#context = context;
  }

  add(parts: readonly PlacedPart[]): void {
    parts.forEach((placed, position) => {
      const { fields } = placed;
      const signature = fields.value('thoughtSignature');
      const extra = signature === undefined ? null : decodeSignature(signature, fields.path('thoughtSignature'));
      const call = fields.value('functionCall');
      if (call !== undefined) {
        const at = fields.path('functionCall');
        const decoded = decodeFunctionCall(requireObject(call, at), at, this.#context);
        const place = `${this.#first.path}.tool_calls[${this.#toolCalls.length}]`;
        this.#context.paths[place] = at;
        this.#context.paths[`${place}.function`] = at;
        this.#placeExtra(`.tool_calls[${this.#toolCalls.length}]`, extra ?? UNSIGNED, fields.path('thoughtSignature'));
        this.#toolCalls.push(extra === null ? decoded : { ...decoded, extraContent: extra });
        return;
      }
      if (extra !== null) {
        this.#extra.add(extra, () => fields.path('thoughtSignature'));
      }
      const text = fields.value('text');
      if (text === undefined) this.#content.push(decodePart(placed, this.#context.found));
      else if (fields.value('thought') === true) {
        this.#reasoning = (this.#reasoning ?? '') + requireString(text, fields.path('text'));
        this.#thoughts.push(placed.path);
      } else this.#addText(requireString(text, fields.path('text')), fields.path('text'), position === 0);
    });
  }

  /** @param isFirst whether it begins a content, and so goes on where the one before was cut */
  #addText(text: string, path: string, isFirst: boolean): void {
    const last = this.#content.at(-1);
    if (text === '') return;
    if (isFirst && last?.type === 'text') {
      this.#content.pop();
      this.#content.push({ ...last, text: last.text + text });
    } else this.#content.push({ type: 'text', text, path });
  }

  #placeExtra(holder: string, extra: ExtraContent, path: string): void {
    for (const [kind, content] of Object.entries(extra)) {
      const place = `${this.#first.path}${holder}.extra_content.${kind}`;
      this.#context.paths[place] = path;
      for (const name of Object.keys(content)) this.#context.paths[`${place}.${name}`] = path;
    }
  }

  message(): AssistantMessage {
    const { original, path } = this.#first;
    const extraContent = this.#extra.content;
    for (const [kind, paths] of this.#extra.paths) {
      this.#placeExtra('', { [kind]: extraContent?.[kind] ?? {} }, commonPath(paths));
    }
    if (this.#thoughts.length > 0) this.#context.paths[`${path}.reasoning_content`] = commonPath(this.#thoughts);
    const isEmpty = this.#content.length === 0 && this.#toolCalls.length === 0 && extraContent === null;
    return {
      role: 'assistant',
      path,
      original,
      name: null,
      content: isEmpty && this.#reasoning === null ? [{ type: 'text', text: '', path }] : this.#content,
      toolCalls: this.#toolCalls,
      reasoning: this.#reasoning,
      ...(extraContent === null ? {} : { extraContent }),
    };
  }
}

/** What a call without a signature lacks. */
const UNSIGNED: ExtraContent = { google: { thought_signature: '' } };

/** The innermost path that all of these lie in. */
function commonPath(paths: readonly string[]): string {
  const [first = ''] = paths;
  if (paths.every((path) => path === first)) return first;
  const content = /^contents\[\d+\]/.exec(first)?.[0] ?? '';
  return paths.every((path) => path.startsWith(`${content}.`)) ? `${content}.parts` : 'contents';
}

/** What was sealed for another vendor is opened again; anything else is this vendor's own. */
function decodeSignature(value: JsonValue, path: string): ExtraContent {
  const signature = requireString(value, path);
  return openExtra(signature) ?? { google: { thought_signature: signature } };
}

function invalid(message: string, param: string): GatewayError {
  return new GatewayError('invalid_messages', message, { param });
}
