import type { Adjustment } from '../../core/adjustment.ts';
import type { Message } from '../../core/chat.ts';
import { isJsonObject, stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import { editAt, itemsOf, listOf } from '../../core/json-edit.ts';
import { bytesUnder } from '../../core/json-scan.ts';
import { openExtra } from '../../core/sealed-extra.ts';
import { MessageAdjustments } from '../message-adjustments.ts';
import type { SentTurn } from '../sent-turns.ts';
import { encodeMessages } from './messages.ts';
import { noteRenamedId, wireId } from './wire-id.ts';

/** A client's own request as the vendor gets it. */
export interface EditedRequest {
  readonly body: Buffer;
  readonly adjustments: readonly Adjustment[];
}

/**
 * Takes out of a client's history what answers of other vendors have left in it: thinking that this one has
 * not signed, and ids that it does not take. Everything else keeps its bytes.
 */
export function editHistory(body: Buffer, json: JsonObject, sent: SentHistory, at: string): EditedRequest {
  const adjustments = new MessageAdjustments(at);
  const messages = json['messages'] as readonly JsonValue[];
  const turns: readonly SentTurn[] = sent.turns ?? messages.flatMap((_, own) => (sent.moved.has(own) ? [] : [{ own }]));
  const changed = turns.map((turn) =>
    'own' in turn ? changedBlocks(messages[turn.own] ?? null, `messages[${turn.own}]`, adjustments) : UNCHANGED,
  );
  const isOwn = turns.length === messages.length && turns.every((turn) => 'own' in turn);
  if (isOwn && changed.every((blocks) => blocks.size === 0)) return { body, adjustments: [] };
  const list = bytesUnder(body, ['messages']) ?? Buffer.from('[]');
  const own = itemsOf(list);
  const items = turns.flatMap((turn, index) => {
    if ('written' in turn) return writeTurns(turn.written, adjustments);
    const message = own[turn.own];
    const blocks = changed[index] ?? UNCHANGED;
    if (message === undefined) return [];
    return blocks.size === 0 ? [message] : editMessage(message, blocks);
  });
  return { body: editAt(body, ['messages'], listOf(items)), adjustments: adjustments.list };
}

/** Which of the client's messages go out, and what else does. */
interface SentHistory {
  /** The positions of messages that stand beside the conversation now. */
  readonly moved: ReadonlySet<number>;
  /** `null`: the client's own turns. */
  readonly turns: readonly SentTurn[] | null;
}

/** Messages that are not the client's, as JSON. */
function writeTurns(written: readonly Message[], adjustments: MessageAdjustments): readonly Buffer[] {
  const { messages, exactInputs, adjustments: made } = encodeMessages(written);
  adjustments.list.push(...made);
  let body: Buffer = Buffer.from(JSON.stringify({ messages }));
  for (const { path, json } of exactInputs) body = editAt(body, path, Buffer.from(json));
  return itemsOf(bytesUnder(body, ['messages']) ?? body);
}

const THINKING: ReadonlySet<string> = new Set(['type', 'thinking', 'signature']);

const UNCHANGED: ReadonlyMap<number, BlockChange> = new Map();

/** What becomes of a block: another id, or nothing at all. */
type BlockChange = { readonly member: string; readonly id: string } | null;

/** The blocks that cannot go as they are, by their position. */
function changedBlocks(
  message: JsonValue,
  path: string,
  adjustments: MessageAdjustments,
): ReadonlyMap<number, BlockChange> {
  const changes = new Map<number, BlockChange>();
  const content = isJsonObject(message) ? message['content'] : null;
  if (!Array.isArray(content)) return changes;
  (content as readonly JsonValue[]).forEach((block, index) => {
    if (!isJsonObject(block)) return;
    const at = `${path}.content[${index}]`;
    const member = block['type'] === 'tool_use' ? 'id' : block['type'] === 'tool_result' ? 'tool_use_id' : null;
    if (member !== null) {
      const id = stringMember(block, member) ?? '';
      noteRenamedId(`${at}.${member}`, id, adjustments);
      if (wireId(id) !== id) changes.set(index, { member, id: wireId(id) });
    }
    if (block['type'] !== 'thinking') return;
    const signature = stringMember(block, 'signature') ?? '';
    const sealed = openExtra(signature);
    if (sealed === null) return;
    changes.set(index, null);
    for (const [name, value] of Object.entries(block)) {
      if (THINKING.has(name) || value === null || value === undefined) continue;
      adjustments.drop(`${at}.${name}`, value, 'it goes with the thinking it is of');
    }
    adjustments.drop(`${at}.thinking`, block['thinking'] ?? '', 'unsigned reasoning is not taken back');
    if (Object.keys(sealed).length === 0) return;
    adjustments.drop(`${at}.signature`, signature, 'another vendor’s signatures mean nothing to this one');
  });
  return changes;
}

/** The message with its blocks changed; none when nothing is left of it. */
function editMessage(message: Buffer, changes: ReadonlyMap<number, BlockChange>): readonly Buffer[] {
  const content = bytesUnder(message, ['content']) ?? Buffer.from('[]');
  const blocks = itemsOf(content).flatMap((block, index) => {
    const change = changes.get(index);
    if (change === undefined) return [block];
    return change === null ? [] : [editAt(block, [change.member], Buffer.from(JSON.stringify(change.id)))];
  });
  return blocks.length === 0 ? [] : [editAt(message, ['content'], listOf(blocks))];
}
