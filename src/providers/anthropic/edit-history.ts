import type { Adjustment } from '../../core/adjustment.ts';
import { isJsonObject, stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import { editAt } from '../../core/json-edit.ts';
import { bytesUnder, locateMembers } from '../../core/json-scan.ts';
import { openExtra } from '../../core/sealed-extra.ts';
import { MessageAdjustments } from '../message-adjustments.ts';
import { noteRenamedId, wireId } from './wire-id.ts';

/** A client's own request as the vendor gets it. */
export interface EditedRequest {
  readonly body: Buffer;
  readonly adjustments: readonly Adjustment[];
}

/**
 * Takes out of a client's history what answers of other vendors have left in it: thinking that this one has
 * not signed, and ids that it does not take. Everything else keeps its bytes.
 * @param moved the positions of messages that stand elsewhere in what is sent
 */
export function editHistory(body: Buffer, json: JsonObject, moved: ReadonlySet<number>, at: string): EditedRequest {
  const adjustments = new MessageAdjustments(at);
  const messages = json['messages'] as readonly JsonValue[];
  const changed = messages.map((message, index) => changedBlocks(message, `messages[${index}]`, adjustments));
  if (moved.size === 0 && changed.every((blocks) => blocks.size === 0)) return { body, adjustments: [] };
  const list = bytesUnder(body, ['messages']) ?? Buffer.from('[]');
  const items = [...locateMembers(list).values()].flatMap(([start, end], index) => {
    const blocks = changed[index];
    const message = list.subarray(start, end);
    if (moved.has(index)) return [];
    return blocks === undefined || blocks.size === 0 ? [message] : editMessage(message, blocks);
  });
  return { body: editAt(body, ['messages'], listOf(items)), adjustments: adjustments.list };
}

const THINKING: ReadonlySet<string> = new Set(['type', 'thinking', 'signature']);

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
  const blocks = [...locateMembers(content).values()].flatMap(([start, end], index) => {
    const block = content.subarray(start, end);
    const change = changes.get(index);
    if (change === undefined) return [block];
    return change === null ? [] : [editAt(block, [change.member], Buffer.from(JSON.stringify(change.id)))];
  });
  return blocks.length === 0 ? [] : [editAt(message, ['content'], listOf(blocks))];
}

function listOf(items: readonly Buffer[]): Buffer {
  const pieces = items.flatMap((item, index) => (index === 0 ? [item] : [COMMA, item]));
  return Buffer.concat([Buffer.from('['), ...pieces, Buffer.from(']')]);
}

const COMMA = Buffer.from(',');
