import type { AssistantMessage, ExtraContent, ToolMessage } from '../../core/chat.ts';
import { breakpointPath, partPath } from '../../core/part-path.ts';
import { jsonOf, type DraftMessage, type RequestDraft } from './draft.ts';
import type { EncodeOptions } from './encode-options.ts';
import { isOneText, textOf } from './messages.ts';

/** What vendors of the protocol take of messages. */
type Terms = Pick<EncodeOptions, 'developerRole' | 'takesReasoning' | 'takesParts' | 'cacheBreakpoints'>;

/** Changes in the messages what the vendor does not take as it is. */
export function fitMessages(draft: RequestDraft, terms: Terms): void {
  for (const entry of draft.messages) {
    const { message, edits } = entry;
    // The developer is who instructs, as the system is: another word for it, not another meaning.
    if (message.role === 'developer' && !terms.developerRole) edits.push({ path: ['role'], json: jsonOf('system') });
    if (draft.isOwn) fitLegacy(entry);
    if (message.role === 'assistant') dropForeign(draft, entry, message, terms);
    if (message.role === 'tool' && message.isError === true) tellErrorByText(draft, message);
    if (!terms.cacheBreakpoints) dropBreakpoints(draft, entry);
    if (!terms.takesParts) joinParts(draft, entry);
  }
}

/** Messages of the protocol's first years: calls and results of functions are those of tools. */
function fitLegacy({ message, edits }: DraftMessage): void {
  const { original } = message;
  if (original === null) return;
  if (message.role === 'tool' && original['role'] === 'function') {
    edits.push({ path: ['role'], json: jsonOf('tool') }, { path: ['name'], json: null });
    edits.push({ path: ['tool_call_id'], json: jsonOf(message.toolCallId) });
    if (original['content'] === null) edits.push({ path: ['content'], json: jsonOf('') });
  }
  if (message.role === 'assistant' && (original['function_call'] ?? null) !== null) {
    edits.push({ path: ['function_call'], json: null });
    const calls = message.toolCalls.map(({ id }) => ({ id, type: 'function', function: original['function_call'] }));
    edits.push({ path: ['tool_calls'], json: jsonOf(calls) });
  }
}

/** The protocol has no mark for a tool that failed: its text is all the model gets. */
function tellErrorByText(draft: RequestDraft, message: ToolMessage): void {
  draft.adjust(`${message.path}.is_error`, {
    asked: true,
    sent: null,
    kind: 'dropped',
    reason: 'this protocol cannot mark a result as an error: the model reads so from its text',
  });
}

/** What an assistant's turn holds for its own vendor only. */
function dropForeign(draft: RequestDraft, entry: DraftMessage, message: AssistantMessage, terms: Terms): void {
  if (message.reasoning !== null && !terms.takesReasoning) {
    entry.edits.push({ path: ['reasoning_content'], json: null });
    draft.adjust(`${message.path}.reasoning_content`, {
      asked: message.reasoning,
      sent: null,
      kind: 'dropped',
      reason: 'this vendor takes no reasoning back',
    });
  }
  dropExtra(draft, entry, message.extraContent, { path: [], param: `${message.path}` });
  message.toolCalls.forEach((call, index) => {
    const place = { path: ['tool_calls', String(index)], param: `${message.path}.tool_calls[${index}]` };
    dropExtra(draft, entry, call.extraContent, place);
  });
}

/** Vendors of this protocol have nothing of their own in `extra_content`. */
function dropExtra(
  draft: RequestDraft,
  { edits }: DraftMessage,
  extra: ExtraContent | undefined,
  place: { readonly path: readonly string[]; readonly param: string },
): void {
  if (extra === undefined) return;
  edits.push({ path: [...place.path, 'extra_content'], json: null });
  for (const [vendor, content] of Object.entries(extra)) {
    draft.adjust(`${place.param}.extra_content.${vendor}`, {
      asked: content,
      sent: null,
      kind: 'dropped',
      reason: `only ${vendor} can read it`,
    });
  }
}

function dropBreakpoints(draft: RequestDraft, { message, edits }: DraftMessage): void {
  message.content.forEach((part, index) => {
    if (part.cacheBreakpoint === undefined) return;
    edits.push({ path: ['content', String(index), 'prompt_cache_breakpoint'], json: null });
    const reason = 'this vendor cannot be told up to where to cache';
    const param = breakpointPath(part, partPath(message, index));
    draft.adjust(param, { asked: true, sent: null, kind: 'dropped', reason });
  });
}

/** A list of texts as the one text they make together, with nothing between them. */
function joinParts(draft: RequestDraft, { message, edits }: DraftMessage): void {
  const written = draft.isOwn ? message.original?.['content'] : undefined;
  const isList = Array.isArray(written) || (written === undefined && message.content.length > 0 && !isOneText(message));
  if (!isList || message.content.some((part) => part.type !== 'text')) return;
  const text = textOf(message);
  edits.push({ path: ['content'], json: jsonOf(text) });
  draft.adjust(`${message.path}.content`, {
    asked: written ?? message.content.map((part) => (part.type === 'text' ? part.text : '')),
    sent: text,
    kind: 'rewritten',
    reason: 'this vendor takes one text: the parts are joined, with nothing between them',
  });
}
