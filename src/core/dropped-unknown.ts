import type { Adjustment } from './adjustment.ts';
import type { ChatRequest } from './chat.ts';
import { parseJson } from './json.ts';
import { textAt } from './json-scan.ts';

/**
 * The members nobody knows inside a member of the client's own body that goes, or that is written anew:
 * they go with it, and that is said.
 * @param at the provider that changes it
 */
export function droppedUnknown(
  { unknownFields, original }: Pick<ChatRequest, 'unknownFields' | 'original'>,
  member: string,
  at: string,
): readonly Adjustment[] {
  return unknownFields
    .filter((param) => param.startsWith(`${member}.`))
    .map((param) => {
      const asked = parseJson(textAt(original.bytes, param) ?? 'null') ?? null;
      const reason = `\`${member}\` is said in another form, in which this has no place`;
      return { param, asked, sent: null, kind: 'dropped', reason, at };
    });
}
