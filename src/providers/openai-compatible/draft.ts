import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment, AdjustmentKind } from '../../core/adjustment.ts';
import type { Message } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { editAt, editMembers } from '../../core/json-edit.ts';
import { locateMembers } from '../../core/json-scan.ts';
import { encodeMessage } from './messages.ts';

/** One change of a message as it will be sent: where in it, and what stands there then (`null`: nothing). */
export interface MessageEdit {
  readonly path: readonly string[];
  readonly json: Buffer | null;
}

/** A message on its way to the vendor. */
export interface DraftMessage {
  readonly message: Message;
  readonly edits: MessageEdit[];
}

/** The JSON of a value. */
export function jsonOf(value: JsonValue): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/**
 * A request of the protocol while it is fitted to one vendor. A client of the same dialect keeps its
 * own bytes wherever nothing changes; for any other the members are all written here.
 */
export class RequestDraft {
  readonly adapted: AdaptedRequest;
  readonly deployment: Deployment;
  /** Whether the client speaks the protocol itself. */
  readonly isOwn: boolean;
  readonly adjustments: Adjustment[] = [];
  messages: readonly DraftMessage[];
  path: string;
  /** What becomes of outermost members: the JSON of the new value, or `null` where the member goes. */
  readonly #members = new Map<string, Buffer | null>();

  constructor(adapted: AdaptedRequest, deployment: Deployment, path: string) {
    this.adapted = adapted;
    this.deployment = deployment;
    this.path = path;
    this.isOwn = adapted.request.dialect === 'openai-chat';
    this.messages = adapted.messages.map((message) => ({ message, edits: [] }));
  }

  /** Sets an outermost member. */
  set(member: string, value: JsonValue): void {
    this.#members.set(member, jsonOf(value));
  }

  /** Sets an outermost member to JSON that is written already. */
  setJson(member: string, json: Buffer): void {
    this.#members.set(member, json);
  }

  /** Leaves a member of the client's out. */
  remove(member: string): void {
    this.#members.set(member, null);
  }

  /** Notes a change that the vendor makes necessary. */
  adjust(param: string, change: { asked: JsonValue; sent: JsonValue; kind: AdjustmentKind; reason: string }): void {
    this.adjustments.push({ param, ...change, at: this.deployment.kind });
  }

  /** The bytes of the client's own member; `null` where it has none, or speaks another dialect. */
  written(member: string): Buffer | null {
    const { bytes, spans } = this.adapted.request.original;
    const span = this.isOwn ? spans.get(member) : undefined;
    return span === undefined ? null : bytes.subarray(...span);
  }

  /** The body as it goes out. */
  body(): Buffer {
    const { bytes, spans } = this.adapted.request.original;
    const messages = this.#messages();
    if (messages !== null) this.#members.set('messages', messages);
    if (this.isOwn) return editMembers(bytes, spans, this.#members);
    return editMembers(Buffer.from('{}'), new Map(), this.#members);
  }

  /** The JSON of the messages; `null` where the client's own stay as they are. */
  #messages(): Buffer | null {
    const own = this.adapted.request.messages;
    const isUnchanged =
      this.messages.length === own.length &&
      this.messages.every(({ message, edits }, index) => message === own[index] && edits.length === 0);
    if (this.isOwn && isUnchanged) return null;
    const originals = this.#originals();
    const encoded = this.messages.map(({ message, edits }) => {
      const kept = message.original === null ? undefined : originals.get(message.original);
      return edits.reduce((bytes, { path, json }) => editAt(bytes, path, json), kept ?? jsonOf(encodeMessage(message)));
    });
    const pieces = encoded.flatMap((message, index) => [index === 0 ? OPEN : COMMA, message]);
    return Buffer.concat([...(pieces.length === 0 ? [OPEN] : pieces), CLOSE]);
  }

  /** The client's messages with the bytes it wrote them in. */
  #originals(): ReadonlyMap<JsonObject, Buffer> {
    const list = this.written('messages');
    const found = new Map<JsonObject, Buffer>();
    if (list === null) return found;
    const messages = this.adapted.request.original.json['messages'] as readonly JsonObject[];
    for (const [index, place] of locateMembers(list)) {
      const message = messages[Number(index)];
      if (message !== undefined) found.set(message, list.subarray(...place));
    }
    return found;
  }
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');
