import type { ChatRequest } from '../core/chat.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { usdFromNano } from '../core/money.ts';
import type { RecordedTerms } from '../core/record.ts';
import { withoutLongText, withoutText } from '../core/told-value.ts';

/** Request members that are kept as content, not as parameters. Descriptions of servers may hold the client's keys to them. */
const CONTENT_MEMBERS = new Set([
  'messages',
  'tools',
  'functions',
  'prediction',
  'candor',
  'input',
  'instructions',
  'system',
  'contents',
  'systemInstruction',
  'system_instruction',
  'mcp_servers',
]);

/** The client's tags; a trace context it came with is one of them. */
export function recordedTags({ directives }: ChatRequest): Readonly<Record<string, string>> {
  const { tags, traceparent } = directives;
  return traceparent === null ? tags : { ...tags, traceparent };
}

const NO_TERMS: RecordedTerms = {};
/** Versions and names of betas; anything else may be a text. */
const HEADER_WORDS = /^[\w.,:; -]{1,512}$/;

/** What the request asked of Candor, and what its headers asked of the vendor. */
export function recordedTerms({ directives, protocolHeaders = {} }: ChatRequest): RecordedTerms {
  const { fallback, timeoutMs, maxCostNanoUsd } = directives;
  const headers = Object.entries(protocolHeaders).filter(([, value]) => HEADER_WORDS.test(value));
  const isPlain = fallback === null && timeoutMs === null && maxCostNanoUsd === null;
  if (isPlain && headers.length === 0) return NO_TERMS;
  const asked = {
    ...(fallback === null ? {} : { fallback }),
    ...(timeoutMs === null ? {} : { timeout_ms: timeoutMs }),
    ...(maxCostNanoUsd === null ? {} : { max_cost_usd: usdFromNano(maxCostNanoUsd) }),
  };
  return {
    ...(isPlain ? {} : { directives: asked }),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
}

/** The request's own members but for its content, as the client wrote them; one Candor does not know may be content. */
export function recordedParameters({ original: { json }, unknownFields }: ChatRequest): JsonObject {
  const parameters: Record<string, JsonValue | undefined> = {};
  for (const name in json) {
    const value = json[name];
    if (value === undefined || CONTENT_MEMBERS.has(name)) continue;
    parameters[name] = unknownFields.includes(name) ? withoutText(value) : withoutLongText(value);
  }
  const { response_format: format } = json;
  // The schema may quote people; it is kept with the rest of the body.
  if (isJsonObject(format)) parameters['response_format'] = { type: format['type'] };
  for (const name of ['text', 'output_config']) {
    const holder = json[name];
    if (!isJsonObject(holder) || !isJsonObject(holder['format'])) continue;
    parameters[name] = withoutLongText({ ...holder, format: { type: holder['format']['type'] } });
  }
  for (const name of ['generationConfig', 'generation_config']) {
    const config = json[name];
    if (isJsonObject(config)) parameters[name] = withoutLongText(withoutSchemas(config));
  }
  return parameters;
}

function withoutSchemas(config: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(config).filter(([name]) => !/^response.*schema$/i.test(name)));
}
