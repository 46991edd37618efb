import type { AnswerChoice, FinishReason, Logprobs } from '../../core/answer.ts';
import type { ExtraContent, ToolCall } from '../../core/chat.ts';
import { arrayMember, isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../core/json.ts';
import { sealExtra } from '../../core/sealed-extra.ts';

/** One candidate: its parts and why it ended, as JSON texts, so that arguments keep every digit. */
export interface EncodedCandidate {
  readonly parts: readonly string[];
  /** The members beside its content, each `"name":value`. */
  readonly members: readonly string[];
}

/** A part of text, as JSON. */
export function textPart(text: string, more: JsonObject = {}): string {
  return JSON.stringify({ text, ...more });
}

/**
 * A whole answer in the vendor's parts: thoughts, text, calls. What the vendor of the answer wants back
 * stands in signatures: Google's own as it is, any other's sealed.
 */
export function encodeCandidate(choice: AnswerChoice): EncodedCandidate {
  const signature = signatureOf(choice.extraContent);
  const text = (choice.text ?? '') + (choice.refusal ?? '');
  const calls = encodeCalls(choice.toolCalls);
  const parts = choice.reasoning ? [textPart(choice.reasoning, { thought: true })] : [];
  if (text !== '' || signature !== null) {
    parts.push(textPart(text, signature === null ? {} : { thoughtSignature: signature }));
  }
  parts.push(...calls.parts);
  return { parts, members: endMembers({ ...choice, isRefused: Boolean(choice.refusal) }, calls.broken) };
}

/**
 * The members that say how the candidate ended.
 * @param broken names of functions whose calls could not be said
 */
export function endMembers(
  choice: Pick<AnswerChoice, 'finishReason' | 'logprobs'> & { readonly isRefused: boolean },
  broken: readonly string[],
): readonly string[] {
  const reason = choice.isRefused ? 'SAFETY' : FINISH_REASONS[choice.finishReason];
  const members = [`"finishReason":"${broken.length > 0 && reason === 'STOP' ? 'MALFORMED_FUNCTION_CALL' : reason}"`];
  if (broken.length > 0) {
    const message = `a call of ${broken.join(', ')} is left out: its arguments are no whole JSON object`;
    members.push(`"finishMessage":${JSON.stringify(message)}`);
  }
  const logprobs = choice.logprobs === undefined ? null : encodeLogprobs(choice.logprobs);
  if (logprobs !== null) members.push(`"logprobsResult":${JSON.stringify(logprobs)}`);
  return members;
}

/** The protocol ends a call of functions like any other answer. */
const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
};

/** The calls as parts; those that were cut, or whose arguments are no object, cannot be said in this protocol. */
export function encodeCalls(calls: readonly ToolCall[]): {
  readonly parts: readonly string[];
  readonly broken: readonly string[];
} {
  const parts: string[] = [];
  const broken: string[] = [];
  for (const call of calls) {
    const args = call.arguments === '' ? '{}' : call.arguments;
    if (!isJsonObject(parseJson(args))) {
      broken.push(call.name);
      continue;
    }
    const signature = signatureOf(call.extraContent ?? null);
    const sealed = signature === null ? '' : `,"thoughtSignature":${JSON.stringify(signature)}`;
    const head = `"id":${JSON.stringify(call.id)},"name":${JSON.stringify(call.name)}`;
    parts.push(`{"functionCall":{${head},"args":${args}}${sealed}}`);
  }
  return { parts, broken };
}

/** The signature that carries what a vendor wants back; `null` when there is nothing. */
export function signatureOf(extra: ExtraContent | null): string | null {
  if (extra === null) return null;
  const own = extra['google']?.['thought_signature'];
  return typeof own === 'string' && Object.keys(extra).length === 1 ? own : sealExtra(extra);
}

/** In OpenAI's form each token has its likeliest others beside it; here they are lists of their own. */
function encodeLogprobs({ content, refusal }: Logprobs): JsonObject | null {
  const tokens = [...(content ?? []), ...(refusal ?? [])].filter(isJsonObject);
  if (tokens.length === 0) return null;
  const candidate = (entry: JsonObject): JsonObject => ({ token: entry['token'], logProbability: entry['logprob'] });
  const others = tokens.map((token) => ({
    candidates: arrayMember(token, 'top_logprobs').filter(isJsonObject).map(candidate),
  }));
  return {
    chosenCandidates: tokens.map(candidate),
    ...(others.some(({ candidates }) => candidates.length > 0)
      ? { topCandidates: others as readonly JsonValue[] }
      : {}),
  };
}
