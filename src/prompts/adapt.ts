import type { AdaptedRequest } from '../core/adapted-request.ts';
import type { Adjustment } from '../core/adjustment.ts';
import type { ChatRequest, Message, SystemMessage } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import { fitReasoning } from '../core/fit-reasoning.ts';
import { bytesUnder } from '../core/json-scan.ts';
import { isInstruction } from '../core/late-instructions.ts';
import type { Route } from '../core/route.ts';
import { applyTemplate } from './apply-template.ts';
import { planFormat } from './emulation.ts';
import { renderBrief } from './fallback-brief.ts';
import { fitOutputCap, fitTools, hoistInstructions, mustHoist, type Fitted } from './fit-to-model.ts';
import { templateFor, templateHash } from './model-scope.ts';
import { fitParameters } from './parameters.ts';
import { formOf } from './prompt-form.ts';
import { reaskMessages, type Reask } from './reask.ts';

/** Set when the attempt is a fallback: whom it stands in for, and why. */
export interface Substitution {
  readonly usualModel: string;
  readonly reason: string;
}

/**
 * Fits the request to one deployment: the config's parameters, the prompt's template and the model's texts, an emulated
 * response format, and for a fallback its brief, which is always the last paragraph of the system section. Everything it
 * changes is in the adjustments.
 * @param reask set when the model is asked again for an answer that was not valid
 * @throws GatewayError where the request makes the route's template fail
 */
export function adapt(
  request: ChatRequest,
  deployment: Deployment,
  route: Route | null,
  substitution: Substitution | null,
  reask: Reask | null = null,
): AdaptedRequest {
  const { capabilities, kind } = deployment;
  const fitted = fitParameters(request.parameters, route?.params ?? null, deployment.params);
  const capped = fitOutputCap(fitted.parameters, capabilities, kind, request.parameters);
  const reasoned = fitReasoning(capped.value, request, capabilities, kind, request.parameters);
  const offered = fitTools(request, capabilities, kind);
  const hoists = route?.midSystem === 'hoist' && mustHoist(request.messages, capabilities);
  const placed = hoists ? hoistInstructions(request.messages, route.at) : { value: request.messages, adjustments: [] };
  const format = planFormat(request.responseFormat, deployment, writtenSchema(request));
  const told = tellPrompt(placed.value, request, deployment, route, substitution, format.instruction);
  const again =
    reask === null ? { value: told.value, adjustments: [] } : reaskMessages(told.value, reask, deployment, route);
  const changed = [fitted, capped, reasoned, offered, placed, told, format, again];
  return {
    request,
    messages: again.value,
    parameters: reasoned.parameters,
    responseFormat: format.native,
    ...offered.value,
    adjustments: changed.flatMap(({ adjustments }) => adjustments),
    template: templateHash(deployment, route, substitution !== null),
  };
}

/** The client's own text of a schema whose numbers would not outlive being written again; `null` for any other. */
function writtenSchema({ original }: ChatRequest): string | null {
  const { bytes, inexact } = original;
  if (!inexact.has('response_format')) return null;
  return bytesUnder(bytes, ['response_format', 'json_schema', 'schema'])?.toString('utf8') ?? null;
}

/** The messages in the words of the route's template, with the texts of the model and of the brief around them. */
function tellPrompt(
  messages: readonly Message[],
  request: ChatRequest,
  deployment: Deployment,
  route: Route | null,
  substitution: Substitution | null,
  formatInstruction: string | null,
): Fitted<readonly Message[]> {
  const { prepend, append } = deployment.prompt;
  const template = templateFor(deployment, route);
  const applied =
    template === null || route === null
      ? null
      : applyTemplate(template, messages, { request, deployment, route, form: formOf(deployment) });
  const adjustments: Adjustment[] = [];
  const note = (kind: 'rewritten' | 'brief', sent: string, reason: string, at: string): string => {
    adjustments.push({ param: 'messages', asked: null, sent, kind, reason, at });
    return sent;
  };
  const before: string[] = [];
  const after: string[] = [];
  if (prepend !== null) {
    before.push(note('rewritten', prepend.text, `prompt.prepend of ${deployment.model}`, prepend.at));
  }
  if (applied !== null) {
    adjustments.push(...applied.adjustments);
    if (applied.system !== null) before.push(applied.system);
  }
  if (append !== null) after.push(note('rewritten', append.text, `prompt.append of ${deployment.model}`, append.at));
  if (formatInstruction !== null) after.push(formatInstruction);
  if (substitution !== null && route !== null) {
    const { usualModel: model, reason } = substitution;
    const brief = renderBrief(route.brief, { asked: request.asked, model, route: route.name, reason });
    if (brief !== null) after.push(note('brief', brief, `stands in for ${model}`, route.brief.at));
  }
  const own = applied?.messages ?? messages;
  const turns = applied?.turns ?? [];
  const value = before.length + after.length + turns.length === 0 ? own : insertAround(own, before, after, turns);
  return { value, adjustments };
}

/** Puts texts around the leading system messages, and turns behind them. */
function insertAround(
  messages: readonly Message[],
  before: readonly string[],
  after: readonly string[],
  turns: readonly Message[],
): readonly Message[] {
  const start = messages.findIndex((message) => !isInstruction(message));
  const end = start < 0 ? messages.length : start;
  return [
    ...before.map(systemMessage),
    ...messages.slice(0, end),
    ...after.map(systemMessage),
    ...turns,
    ...messages.slice(end),
  ];
}

function systemMessage(text: string): SystemMessage {
  return { role: 'system', path: null, original: null, name: null, content: [{ type: 'text', text }] };
}
