import { jsonOf, type DraftMessage, type RequestDraft } from '../openai-compatible/draft.ts';

const JSON_WORD = 'Answer in JSON.';

/** What DeepSeek demands of a request beyond the protocol. */
export function fitToDeepSeek(draft: RequestDraft): void {
  const { reasoning } = draft.deployment.capabilities;
  const isOff = draft.adapted.parameters['reasoning_effort'] === 'none';
  sayJson(draft);
  // A model that thinks does so unless it is told not to.
  if (reasoning !== null && isOff) draft.set('thinking', { type: 'disabled' });
  if (reasoning !== null && !isOff) for (const entry of draft.messages) giveReasoning(draft, entry);
  markPrefix(draft);
}

/** The vendor refuses JSON mode unless the prompt says the word; the client's own words are left alone. */
function sayJson(draft: RequestDraft): void {
  if (draft.adapted.responseFormat?.type !== 'json_object') return;
  const isSaid = draft.messages.some(({ message }) =>
    message.content.some((part) => part.type === 'text' && /json/i.test(part.text)),
  );
  if (isSaid) return;
  const content = [{ type: 'text', text: JSON_WORD }] as const;
  const message = { role: 'system', path: null, original: null, name: null, content } as const;
  draft.messages = [{ message, edits: [] }, ...draft.messages];
  draft.adjust('messages', {
    asked: null,
    sent: JSON_WORD,
    kind: 'rewritten',
    reason: 'JSON mode of this vendor demands the word JSON in the prompt',
  });
}

/**
 * In thinking mode the vendor refuses a history whose tool-calling turns lack their reasoning, and
 * clients that keep only the protocol's own members have lost it: an empty one is sent in its place.
 */
function giveReasoning(draft: RequestDraft, { message, edits }: DraftMessage): void {
  if (message.role !== 'assistant' || message.toolCalls.length === 0 || message.reasoning !== null) return;
  edits.push({ path: ['reasoning_content'], json: jsonOf('') });
  draft.adjust(`${message.path}.reasoning_content`, {
    asked: null,
    sent: '',
    kind: 'defaulted',
    reason: 'the vendor demands the reasoning of a turn that called tools, and it did not come back',
  });
}

/** A conversation that ends with the assistant's words goes on from them at the vendor's beta address only. */
function markPrefix(draft: RequestDraft): void {
  const last = draft.messages.at(-1);
  if (last === undefined || last.message.role !== 'assistant') return;
  if (!draft.deployment.url.endsWith('/beta')) draft.path = `/beta${draft.path}`;
  last.edits.push({ path: ['prefix'], json: jsonOf(true) });
  draft.adjust(`${last.message.path}.prefix`, {
    asked: null,
    sent: true,
    kind: 'defaulted',
    reason: 'the vendor goes on from the assistant’s words where it is told that they are a prefix',
  });
}
