import type { Adjustment } from '../core/adjustment.ts';
import type { Capabilities } from '../core/capabilities.ts';
import {
  clientPath,
  type ChatRequest,
  type Message,
  type Parameters,
  type Tool,
  type ToolChoice,
} from '../core/chat.ts';
import { isInstruction, lateInstructions } from '../core/late-instructions.ts';

/** A value brought within what a model takes, with what was changed. */
export interface Fitted<Value> {
  /** The very same value when nothing changed. */
  readonly value: Value;
  readonly adjustments: readonly Adjustment[];
}

/** An output cap above what the model can write is the model's own. */
export function fitOutputCap(
  parameters: Parameters,
  { limits }: Capabilities,
  at: string,
  asked: Parameters,
): Fitted<Parameters> {
  const { outputTokens } = limits;
  if (outputTokens === null) return { value: parameters, adjustments: [] };
  const adjustments: Adjustment[] = [];
  const changed = { ...parameters };
  for (const param of ['max_tokens', 'max_completion_tokens']) {
    const cap = parameters[param];
    if (typeof cap !== 'number' || cap <= outputTokens) continue;
    const reason = `this model writes ${outputTokens} tokens at most`;
    adjustments.push({ param, asked: asked[param] ?? null, sent: outputTokens, kind: 'clamped', reason, at });
    changed[param] = outputTokens;
  }
  return { value: adjustments.length === 0 ? parameters : changed, adjustments };
}

/** The tools a model is offered, and what it is told of choosing among them. */
export interface OfferedTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
}

/** To a model that cannot be told which of the tools it may call, only those are offered. */
export function fitTools(request: ChatRequest, { features }: Capabilities, at: string): Fitted<OfferedTools> {
  const { tools, toolChoice } = request;
  if (toolChoice?.mode !== 'allowed' || features.has('allowed_tools')) {
    return { value: { tools, toolChoice }, adjustments: [] };
  }
  const mode = toolChoice.required ? 'required' : 'auto';
  const reason = `this vendor cannot be told which tools may be called: only those are offered, with \`${mode}\``;
  const { json } = request.original;
  const adjustments = ['tools', 'tool_choice'].map((param): Adjustment => {
    const asked = json[clientPath(request, param)] ?? toolChoice.names;
    return { param, asked, sent: null, kind: 'rewritten', reason, at };
  });
  const offered = tools.filter(({ name }) => toolChoice.names.includes(name));
  return { value: { tools: offered, toolChoice: { mode } }, adjustments };
}

/** Whether the model cannot take the instructions where they stand. */
export function mustHoist(messages: readonly Message[], { features }: Capabilities): boolean {
  const late = lateInstructions(messages);
  if (late.messages.length === 0) return false;
  return !features.has('system_after_start') || (late.afterAnswer !== null && !features.has('system_after_assistant'));
}

/** Instructions in the midst of a conversation go to its start, behind those that stand there. */
export function hoistInstructions(messages: readonly Message[], at: string): Fitted<readonly Message[]> {
  const late = lateInstructions(messages).messages;
  const instructions = messages.filter(isInstruction);
  return {
    value: [...instructions, ...messages.filter((message) => !isInstruction(message))],
    adjustments: late.map(({ path, role }) => ({
      param: `${path}.role`,
      asked: role,
      sent: role,
      kind: 'rewritten',
      reason: 'instructions in the midst of the conversation go to its start, as the route says',
      at,
    })),
  };
}
