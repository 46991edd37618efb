import type { Capabilities } from '../core/capabilities.ts';
import { clientPath, type ChatRequest, type ContentPart } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import type { JsonValue } from '../core/json.ts';
import { partPath } from '../core/part-path.ts';
import type { CandidateReason } from '../core/record.ts';
import type { Route } from '../core/route.ts';

/** What of a request is more, or other, than the model takes, though it takes such things. */
export function brokenLimits(request: ChatRequest, capabilities: Capabilities): readonly CandidateReason[] {
  const reasons: CandidateReason[] = [];
  const note: Note = (rule, param, have) => {
    reasons.push({ rule, need: clientPath(request, param), have, evidence: capabilities.source, at: null });
  };
  checkStops(request, capabilities, note);
  checkToolNames(request, capabilities, note);
  checkStrictTools(request, capabilities, note);
  // What the vendor's own protocol takes is its clients' to know.
  if (capabilities.protocol !== request.dialect) checkMedia(request, capabilities, note);
  return reasons;
}

const OUTPUT_CAPS: readonly string[] = ['max_tokens', 'max_completion_tokens'];

/** Under `params: strict` a cap on the answer that is above the model's own is not lowered, unless the config's own rule lowers it. */
export function exceededOutputCap(
  request: ChatRequest,
  { capabilities, params }: Pick<Deployment, 'capabilities' | 'params'>,
  route: Pick<Route, 'params'> | null,
): readonly CandidateReason[] {
  const most = capabilities.limits.outputTokens;
  const param = OUTPUT_CAPS.find((name) => request.parameters[name] !== undefined);
  const asked = param === undefined ? null : request.parameters[param];
  if (param === undefined || most === null || typeof asked !== 'number' || asked <= most) return [];
  const rules = [...(route?.params ?? []), ...params];
  const isLowered = rules.some(
    ([name, rule]) => OUTPUT_CAPS.includes(name) && Number(rule.set ?? rule.max ?? Number.POSITIVE_INFINITY) <= most,
  );
  if (isLowered) return [];
  const need = clientPath(request, param);
  return [{ rule: 'output_tokens', need, have: most, evidence: capabilities.source, at: null }];
}

type Note = (rule: string, param: string, have: JsonValue) => void;

function checkStops({ parameters }: ChatRequest, { limits }: Capabilities, note: Note): void {
  const stop = parameters['stop'];
  const most = limits.stopSequences;
  if (most !== null && Array.isArray(stop) && stop.length > most) note('stop_sequences', 'stop', most);
}

function checkToolNames(
  { dialect, tools, messages }: ChatRequest,
  { limits, protocol }: Capabilities,
  note: Note,
): void {
  const { toolName } = limits;
  // Of a client of the vendor's own protocol the names were checked as it was read; OpenAI's has several vendors.
  if (toolName === null || (protocol === dialect && dialect !== 'openai-chat')) return;
  tools.forEach(({ name }, index) => {
    if (!toolName.test(name)) note('tool_name', `tools[${index}].function.name`, toolName.source);
  });
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    message.toolCalls.forEach(({ name }, index) => {
      if (!toolName.test(name))
        note('tool_name', `${message.path}.tool_calls[${index}].function.name`, toolName.source);
    });
  }
}

/** Arguments are checked by the vendor alone: it must take the very schema. */
function checkStrictTools({ tools }: ChatRequest, { features, fitSchema }: Capabilities, note: Note): void {
  if (!features.has('strict_tools')) return;
  tools.forEach(({ strict, parameters }, index) => {
    const [change] = strict === true ? fitSchema(parameters ?? { type: 'object' }).changes : [];
    if (change === undefined) return;
    // What is not there cannot be named.
    const at = change.asked === null ? 'strict' : `parameters${change.path}`;
    note('strict_tools', `tools[${index}].function.${at}`, null);
  });
}

function checkMedia({ messages }: ChatRequest, { limits }: Capabilities, note: Note): void {
  const { mediaTypes } = limits;
  if (mediaTypes === null) return;
  for (const message of messages) {
    message.content.forEach((part, index) => {
      const type = mediaTypeOf(part);
      if (type !== null && !mediaTypes.has(type)) note('media_type', partPath(message, index), [...mediaTypes]);
    });
  }
}

/** The type of what travels in the request; `null`: nothing does. */
function mediaTypeOf(part: ContentPart): string | null {
  if (part.type === 'audio') return part.mediaType.toLowerCase();
  if (part.type !== 'image' && part.type !== 'file') return null;
  return part.source.kind === 'data' ? part.source.mediaType.toLowerCase() : null;
}
