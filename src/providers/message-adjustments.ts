import type { Adjustment } from '../core/adjustment.ts';
import type { AssistantMessage, ContentPart, Message } from '../core/chat.ts';
import type { JsonValue } from '../core/json.ts';
import { breakpointPath } from '../core/part-path.ts';

/** What vendors other than the dialect's own change in messages. Holds the adjustments of one request. */
export class MessageAdjustments {
  readonly #at: string;
  readonly list: Adjustment[] = [];

  /** @param at the provider that makes them */
  constructor(at: string) {
    this.#at = at;
  }

  /** The vendor has nothing for it. */
  drop(param: string, asked: JsonValue, reason: string): void {
    this.list.push({ param, asked, sent: null, kind: 'dropped', reason, at: this.#at });
  }

  /** The vendor takes it in other letters. */
  rename(param: string, asked: JsonValue, sent: JsonValue, reason: string): void {
    this.list.push({ param, asked, sent, kind: 'renamed', reason, at: this.#at });
  }

  /** The vendor takes it in another form, or in another place. */
  rewrite(param: string, asked: JsonValue, sent: JsonValue, reason: string): void {
    this.list.push({ param, asked, sent, kind: 'rewritten', reason, at: this.#at });
  }

  /** A vendor without names of messages. */
  dropName(message: Message): void {
    if (message.name !== null) this.drop(`${message.path}.name`, message.name, 'this vendor has no names of messages');
  }

  /** A vendor that takes back no reasoning but what it signed. */
  dropReasoning(message: AssistantMessage): void {
    if (message.reasoning === null) return;
    this.drop(`${message.path}.reasoning_content`, message.reasoning, 'unsigned reasoning is not taken back');
  }

  /** A vendor that caches by itself. */
  dropBreakpoint(part: ContentPart, path: string): void {
    if (part.cacheBreakpoint === undefined) return;
    this.drop(breakpointPath(part, path), true, 'this vendor cannot be told up to where to cache');
  }

  /** A vendor that has refusals in answers only, and no detail of images. */
  flatten(part: ContentPart, path: string): void {
    if (part.type === 'refusal') {
      const reason = 'a refusal in the history is sent as text';
      this.list.push({ param: path, asked: part.refusal, sent: part.refusal, kind: 'rewritten', reason, at: this.#at });
    }
    if (part.type === 'image' && part.detail !== null && part.detail !== 'auto') {
      this.drop(`${path}.image_url.detail`, part.detail, 'this vendor has no image detail');
    }
  }
}
