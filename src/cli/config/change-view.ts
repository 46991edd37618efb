import { isJsonObject, stringMember, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ConfigChange } from '../../core/reload.ts';
import { plainText, shortened } from '../text.ts';

const MOST_VALUE_CHARACTERS = 100;

/** The differences of two configurations, a line each: `routes.legal.try: [gpt-4o] → [claude-opus]`. */
export function changesText(changes: readonly ConfigChange[], margin = ''): string {
  return changes.map((change) => `${margin}${changeText(change)}\n`).join('');
}

/** The differences a gateway has told as JSON. */
export function changesOf(list: readonly JsonValue[]): readonly ConfigChange[] {
  return list.filter(isJsonObject).map((json: JsonObject) => ({
    path: stringMember(json, 'path') ?? '',
    change: json['change'] === 'added' || json['change'] === 'removed' ? json['change'] : 'changed',
    from: json['from'] ?? null,
    to: json['to'] ?? null,
  }));
}

function changeText({ path, change, from, to }: ConfigChange): string {
  if (change === 'added') return `+ ${path}: ${valueText(to)}`;
  if (change === 'removed') return `- ${path}: ${valueText(from)}`;
  return `  ${path}: ${from === '[secret]' ? 'another secret' : `${valueText(from)} → ${valueText(to)}`}`;
}

function valueText(value: JsonValue): string {
  return shortened(plainText(flow(value)), MOST_VALUE_CHARACTERS);
}

/** As YAML's flow style has it, quotes only where a reader would miss them. */
function flow(value: JsonValue): string {
  if (typeof value === 'string') return /^[^\s[\]{},:"'#][^[\]{},"\n]*$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(flow).join(', ')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([word, member]) => `${word}: ${flow(member ?? null)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}
