import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { isSameJson, valueAt } from '../json-leaves.ts';
import type { Passage } from './losses.ts';
import { marksOf } from './request-maker.ts';
import type { SentBody } from './sent-body.ts';

export function wordOf(choice: JsonValue | undefined): JsonValue | undefined {
  return typeof choice === 'object' && choice !== null && !Array.isArray(choice)
    ? (choice as JsonObject)['type']
    : choice;
}

/** How each vendor says who may choose a tool. */
const CHOICES: Readonly<Record<string, readonly JsonValue[]>> = {
  auto: ['auto', 'AUTO', 'VALIDATED'],
  none: ['none', 'NONE'],
  required: ['required', 'any', 'ANY'],
};

export function isSameChoice(asked: string, sent: SentBody): boolean {
  const said = [wordOf(sent.at('tool_choice')), sent.at('toolConfig.functionCallingConfig.mode')];
  return said.some((word) => word !== undefined && (CHOICES[asked] ?? []).includes(word));
}

/** Whether the vendor is told this choice, with the tool it names. */
export function namesTool(name: JsonValue, sent: SentBody): boolean {
  const told = JSON.stringify([sent.at('tool_choice') ?? null, sent.at('toolConfig') ?? null]);
  return told.includes(JSON.stringify(name));
}

/** What Anthropic and Google enforce of a schema they enforce always, as OpenAI does when told to be strict. */
export function isEnforced({ sent }: Passage): boolean {
  const formats = [sent.at('output_config.format.schema'), sent.at('generationConfig.responseJsonSchema')];
  return [...formats, sent.at('generationConfig.responseSchema')].some((schema) => schema !== undefined);
}

export function isStrict({ sent }: Passage): boolean {
  return sent.at('response_format.json_schema.strict') === true;
}

/** Claude tells what it thinks by a budget without being asked. */
export function tellsThoughts(asked: JsonValue, sent: SentBody): boolean {
  return sent.at('thinking.type') === 'enabled' && (asked === true || asked === 'auto');
}

export function saysJson(sent: SentBody): boolean {
  return sent.says('application/json', 'json_schema', 'json_object');
}

const CALL_NAMES = [
  '/messages/*/tool_calls/*/function/name',
  '/messages/*/content/*/name',
  '/contents/*/parts/*/functionCall/name',
];

/** Whether a call of this function is in the vendor's history. */
export function isCalled(name: JsonValue, sent: SentBody): boolean {
  return CALL_NAMES.some((pointer) => sent.nodesAt(pointer).includes(name));
}

/** Whether the part in which the path lies has, as it is sent, the vendor's mark up to where to cache. */
export function isCachedUpTo(path: string, { body, sent }: Passage): boolean {
  const part = valueAt(body, path.replace(/\.\w+\.\w+$/, ''));
  const [mark = ''] = marksOf(JSON.stringify(part));
  return sent.pathsOfMark(mark).some((place) => {
    const holders = [place.replace(/\.\w+$/, ''), place.replace(/\.\w+\.\w+$/, '')].map((at) => sent.at(at));
    return holders.some(
      (found) => isJsonObject(found) && ('cache_control' in found || 'prompt_cache_breakpoint' in found),
    );
  });
}

/** Arguments without anything in them. */
export function hasEmptyArguments(sent: SentBody): boolean {
  const inputs = ['/messages/*/content/*/input', '/contents/*/parts/*/functionCall/args'];
  const texts = sent.nodesAt('/messages/*/tool_calls/*/function/arguments');
  return texts.includes('{}') || inputs.some((at) => sent.nodesAt(at).some((node) => isSameJson(node, {})));
}

/** Some vendors are offered only the tools that may be called. */
export function isAllowedSubset(body: JsonObject, sent: SentBody): boolean {
  const offered = JSON.stringify(sent.at('tools') ?? null);
  return (
    JSON.stringify(body['tool_choice']).includes('tool_0') && offered.includes('tool_0') && !offered.includes('tool_1')
  );
}

/** How the vendors say that a model is not to think, or as much as it likes. */
export function isThinkingSaid(type: JsonValue, sent: SentBody): boolean {
  const budget = sent.at('generationConfig.thinkingConfig.thinkingBudget');
  const word = [sent.at('reasoning_effort'), sent.at('thinking.type')];
  return type === 'disabled' ? budget === 0 || word.includes('none') || word.includes('disabled') : budget === -1;
}

/** A word as vendors write it in small letters; what is no word has none. */
export function lowerWord(value: JsonValue): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}
