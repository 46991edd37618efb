import type { ExtraContent } from '../../core/chat.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { openExtra } from '../../core/sealed-extra.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import {
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';

const REASONING = knownMembers('type id status summary content encrypted_content');
const PART = knownMembers('type text');

/** One item of what a model thought. */
export interface Reasoning {
  /** Its texts, summaries first; `null` when it has none. */
  readonly text: string | null;
  /** Where the client wrote the texts. */
  readonly textPath: string;
  readonly extraContent: ExtraContent | null;
}

/** What encrypted reasoning of this protocol's own vendor is kept under: no other gives it back or takes it. */
const OWN_VENDOR = 'openai-responses';

/** Decodes a reasoning item that stands in a history. @throws GatewayError */
export function decodeReasoning(item: JsonObject, path: string, findings: Findings): Reasoning {
  noteMembers(item, REASONING, path, findings);
  const summary = decodeTexts(item['summary'], 'summary_text', `${path}.summary`, findings);
  const content = decodeTexts(item['content'], 'reasoning_text', `${path}.content`, findings);
  const texts = [...summary, ...content];
  const list = summary.length === 0 ? `${path}.content` : `${path}.summary`;
  const sealed = optionalString(item['encrypted_content'], `${path}.encrypted_content`);
  const opened =
    sealed === null ? null : (openExtra(sealed) ?? { [OWN_VENDOR]: { [`${path}.encrypted_content`]: sealed } });
  return {
    text: texts.length === 0 ? null : texts.join('\n\n'),
    textPath: texts.length === 1 ? `${list}[0].text` : list,
    extraContent: opened === null || Object.keys(opened).length === 0 ? null : opened,
  };
}

function decodeTexts(value: JsonValue | undefined, type: string, path: string, findings: Findings): readonly string[] {
  if (value === undefined || value === null) return [];
  return requireArray(value, path).map((entry, index) => {
    const at = `${path}[${index}]`;
    const part = requireObject(entry, at);
    requireWord(part['type'], `${at}.type`, [type]);
    noteMembers(part, PART, at, findings);
    return requireString(part['text'], `${at}.text`);
  });
}

/** What vendors want back, by provider, where it stands in the open. @throws GatewayError */
export function decodeExtra(value: JsonValue | undefined, path: string): ExtraContent | null {
  const extra = optionalObject(value, path);
  if (extra === null) return null;
  for (const provider in extra) requireObject(extra[provider], `${path}.${provider}`);
  return extra as ExtraContent;
}
