import { ANTHROPIC_MESSAGES_FIELDS } from '../fields/anthropic-messages.ts';
import { GEMINI_GENERATE_FIELDS } from '../fields/gemini-generate.ts';
import { CHAT_FIELDS } from '../fields/openai-chat.ts';
import { RESPONSES_FIELDS, type Fate } from '../fields/openai-responses.ts';

/** The published fields of each dialect, with what becomes of them. */
export const FIELD_LISTS: Readonly<Record<string, Readonly<Record<string, Fate>>>> = {
  'openai-chat': CHAT_FIELDS,
  'openai-responses': RESPONSES_FIELDS,
  'anthropic-messages': ANTHROPIC_MESSAGES_FIELDS,
  'gemini-generate': GEMINI_GENERATE_FIELDS,
};

/** The fields that vendors of other protocols can be told, or that are reported. */
export function mappedFields(dialect: string): readonly string[] {
  return Object.entries(FIELD_LISTS[dialect] ?? {}).flatMap(([field, fate]) => (fate === 'mapped' ? [field] : []));
}
