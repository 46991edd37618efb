import { createHash } from 'node:crypto';

import { isJsonObject, type JsonObject, type JsonValue } from '../../src/core/json.ts';
import { isSameJson, isWithin, leavesOf, valueAt } from './json-leaves.ts';
import { locateInAnthropic } from './silence-anthropic.ts';
import { locateInGemini } from './silence-gemini.ts';
import { locateInOpenAiChat } from './silence-openai-chat.ts';
import { isSaid, type Located, type SentRequest } from './silence-sent.ts';

/** Members that speak to Candor or to the transport, not to the model. */
const OWN = ['model', 'stream', 'stream_options', 'candor'];

/** What asks for nothing, by the vendors' documentation: the defaults of OpenAI's parameters. */
const NEUTRAL: Readonly<Record<string, readonly JsonValue[]>> = {
  temperature: [1],
  top_p: [1],
  frequency_penalty: [0],
  presence_penalty: [0],
  n: [1],
  logprobs: [false],
  logit_bias: [{}],
  store: [false],
  service_tier: ['auto', 'default'],
  'modalities[0]': ['text'],
  parallel_tool_calls: [true],
  metadata: [{}],
  verbosity: ['medium'],
  tools: [[]],
  stop: [[]],
  'response_format.type': ['text'],
  'response_format.json_schema.strict': [false],
};

/** Everything in the client's request that is neither in the sent body, nor neutral, nor said; and what is said wrongly. */
export function silentChanges(request: JsonObject, sent: SentRequest): readonly string[] {
  const { found, extra } = locate(request, sent);
  const problems = [...extra, ...unaskedParameters(request, sent, found), ...falseAdjustments(request, sent)];
  for (const [path, asked] of leavesOf(request)) {
    if (asked === null || OWN.some((own) => isWithin(path, own)) || isSameJson(found.get(path), asked)) continue;
    // A neutral value may be left out; another one in its place would ask for something.
    if (!found.has(path) && isNeutral(request, path, asked)) continue;
    if (isSaid(path, sent.adjustments)) continue;
    problems.push(`${path}: asked ${JSON.stringify(asked)}, sent ${JSON.stringify(found.get(path))}, and nothing said`);
  }
  return problems;
}

/** Parameters that were sent although nobody asked for them and no adjustment says so. */
function unaskedParameters(
  request: JsonObject,
  { adjustments }: SentRequest,
  found: Located['found'],
): readonly string[] {
  return ['temperature', 'top_p', 'seed', 'stop[0]', 'response_format.type']
    .filter(
      (path) =>
        found.has(path) && (valueAt(request, path) ?? valueAt(request, path.replace('[0]', '')) ?? null) === null,
    )
    .filter((path) => !adjustments.some(({ param }) => isWithin(path, param)))
    .map((path) => `${path} was sent, and nobody asked for it`);
}

function locate(request: JsonObject, sent: SentRequest): Located {
  if (sent.kind === 'anthropic') return locateInAnthropic(request, sent);
  if (sent.kind === 'google') return locateInGemini(request, sent);
  return locateInOpenAiChat(request, sent);
}

function isNeutral(request: JsonObject, path: string, asked: JsonValue): boolean {
  if ((NEUTRAL[path] ?? []).some((neutral) => isSameJson(neutral, asked))) return true;
  if (/^tools\[\d+\]\.function\.strict$/.test(path)) return asked === false;
  if (path.endsWith('.image_url.detail')) return asked === 'auto';
  // Without tools there is nothing to choose from.
  const tools = request['tools'];
  const hasTools = Array.isArray(tools) && tools.length > 0;
  return (path === 'tool_choice' || path === 'parallel_tool_calls') && !hasTools;
}

/** Whether the text is what a content part says. */
function isTextOf(text: JsonValue, part: JsonValue): boolean {
  return isJsonObject(part) && (isToldOf(text, part['text']) || isToldOf(text, part['refusal']));
}

/** Whether the value is told as it is, or, as content is, by its hash and length. */
function isToldOf(told: JsonValue, value: JsonValue | undefined): boolean {
  if (value === undefined) return false;
  if (isSameJson(told, value)) return true;
  if (!isJsonObject(told) || told['sha256'] === undefined) return false;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return told['characters'] === text.length && told['sha256'] === createHash('sha256').update(text).digest('hex');
}

/** Adjustments whose `asked` the client never asked, or whose `sent` is not in the sent body. */
function falseAdjustments(request: JsonObject, { body, adjustments }: SentRequest): readonly string[] {
  const text = JSON.stringify(body);
  const problems: string[] = [];
  adjustments.forEach((adjustment, index) => {
    const { param, asked, sent, kind } = adjustment;
    if (kind === 'emulated') return;
    const before = adjustments.slice(0, index).find((other) => other.param === param);
    const own = valueAt(request, param) ?? null;
    const isTrue = [own, before?.sent].some((was) => isToldOf(asked, was)) || isTextOf(asked, own);
    if (param !== 'messages' && !isTrue) problems.push(`${param}: says it was asked ${JSON.stringify(asked)}`);
    const isLast = !adjustments.slice(index + 1).some((other) => other.param === param && param !== 'messages');
    const isSent = text.includes(JSON.stringify(sent)) || [...leavesOf(body)].some(([, leaf]) => isToldOf(sent, leaf));
    if (isLast && sent !== null && !isSent) {
      problems.push(`${param}: says it sent ${JSON.stringify(sent)}`);
    }
  });
  return problems;
}
