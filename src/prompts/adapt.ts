import { createHash } from 'node:crypto';

import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { Adjustment } from '../core/adjustment.ts';
import type { ChatRequest, Message, SystemMessage } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { fitReasoning } from '../core/fit-reasoning.ts';
import { bytesUnder } from '../core/json-scan.ts';
import type { Route } from '../core/route.ts';
import { planFormat } from './emulation.ts';
import { renderBrief } from './fallback-brief.ts';
import { fitOutputCap, fitTools, hoistInstructions, mustHoist } from './fit-to-model.ts';
import { fitParameters } from './parameters.ts';

/** Set when the attempt is a fallback: whom it stands in for, and why. */
export interface Substitution {
  readonly usualModel: string;
  readonly reason: string;
}

const TEMPLATE_HASH_DIGITS = 16;

/**
 * Fits the request to one deployment: the config's parameters, the model's prompt texts, an
 * emulated response format, and for a fallback its brief, which is always the last paragraph of
 * the system section. Everything it changes is in the adjustments.
 */
export function adapt(
  request: ChatRequest,
  deployment: Deployment,
  route: Route | null,
  substitution: Substitution | null,
): AdaptedRequest {
  const { capabilities, kind } = deployment;
  const fitted = fitParameters(request.parameters, route?.params ?? null, deployment.params);
  const capped = fitOutputCap(fitted.parameters, capabilities, kind, request.parameters);
  const reasoned = fitReasoning(capped.value, request, capabilities, kind, request.parameters);
  const offered = fitTools(request, capabilities, kind);
  const hoists = route?.midSystem === 'hoist' && mustHoist(request.messages, capabilities);
  const placed = hoists ? hoistInstructions(request.messages, route.at) : { value: request.messages, adjustments: [] };
  const format = planFormat(request.responseFormat, deployment.capabilities, deployment.kind, writtenSchema(request));
  const additions = promptAdditions(request, deployment, route, substitution, format.instruction);
  const changed = [fitted, capped, reasoned, offered, placed, additions, format];
  const texts = [...additions.before, ...additions.after];
  return {
    request,
    messages: texts.length === 0 ? placed.value : insertSystem(placed.value, additions),
    parameters: reasoned.parameters,
    responseFormat: format.native,
    ...offered.value,
    adjustments: changed.flatMap(({ adjustments }) => adjustments),
    template: texts.length === 0 ? null : hashOf(texts),
  };
}

/** The client's own text of a schema whose numbers would not outlive being written again; `null` for any other. */
function writtenSchema({ original }: ChatRequest): string | null {
  const { bytes, inexact } = original;
  if (!inexact.has('response_format')) return null;
  return bytesUnder(bytes, ['response_format', 'json_schema', 'schema'])?.toString('utf8') ?? null;
}

interface PromptAdditions {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly adjustments: readonly Adjustment[];
}

function promptAdditions(
  request: ChatRequest,
  deployment: Deployment,
  route: Route | null,
  substitution: Substitution | null,
  formatInstruction: string | null,
): PromptAdditions {
  const { prepend, append } = deployment.prompt;
  const before: string[] = [];
  const after: string[] = [];
  const adjustments: Adjustment[] = [];
  const note = (kind: 'rewritten' | 'brief', sent: string, reason: string, at: string): void => {
    adjustments.push({ param: 'messages', asked: null, sent, kind, reason, at });
  };
  if (prepend !== null) {
    before.push(prepend.text);
    note('rewritten', prepend.text, `prompt.prepend of ${deployment.model}`, prepend.at);
  }
  if (append !== null) {
    after.push(append.text);
    note('rewritten', append.text, `prompt.append of ${deployment.model}`, append.at);
  }
  if (formatInstruction !== null) after.push(formatInstruction);
  if (substitution === null || route === null) return { before, after, adjustments };
  const { usualModel: model, reason } = substitution;
  const brief = renderBrief(route.brief, { asked: request.asked, model, route: route.name, reason });
  if (brief !== null) {
    after.push(brief);
    note('brief', brief, `stands in for ${model}`, route.brief.at);
  }
  return { before, after, adjustments };
}

/** Puts the texts around the leading system messages, which stay as they are. */
function insertSystem(messages: readonly Message[], additions: PromptAdditions): readonly Message[] {
  const start = messages.findIndex((message) => message.role !== 'system' && message.role !== 'developer');
  const end = start < 0 ? messages.length : start;
  return [
    ...additions.before.map(systemMessage),
    ...messages.slice(0, end),
    ...additions.after.map(systemMessage),
    ...messages.slice(end),
  ];
}

function systemMessage(text: string): SystemMessage {
  return { role: 'system', path: null, original: null, name: null, content: [{ type: 'text', text }] };
}

function hashOf(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\u0000')).digest('hex').slice(0, TEMPLATE_HASH_DIGITS);
}
