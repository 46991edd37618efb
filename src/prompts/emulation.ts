import type { Adjustment } from '../core/adjustment.ts';
import { takesSchema, type Capabilities } from '../core/capabilities.ts';
import type { ResponseFormat } from '../core/chat.ts';

/** How a response format reaches a model that may not have it. */
export interface FormatPlan {
  /** What the vendor is asked for natively; `null`: nothing. */
  readonly native: ResponseFormat | null;
  /** What the prompt says in its stead; `null`: the vendor has the format. */
  readonly instruction: string | null;
  readonly adjustment: Adjustment | null;
}

/**
 * Decides between the vendor's own structured output and saying the format in the prompt. An
 * emulated answer is checked against the original schema like any other.
 * @param written the schema in the client's own text, where it must be said in no other
 */
export function planFormat(
  asked: ResponseFormat | null,
  capabilities: Capabilities,
  at: string,
  written: string | null = null,
): FormatPlan {
  if (asked === null || asked.type === 'text') return { native: asked, instruction: null, adjustment: null };
  const { features } = capabilities;
  const isTaken = asked.type === 'json_schema' ? takesSchema(capabilities, asked.schema) : features.has(asked.type);
  if (isTaken) return { native: asked, instruction: null, adjustment: null };
  const native: ResponseFormat | null = features.has('json_object') ? { type: 'json_object' } : null;
  const why = features.has(asked.type) ? 'the vendor does not take this schema' : `the vendor has no ${asked.type}`;
  return {
    native,
    instruction: instructionFor(asked, written),
    adjustment: {
      param: 'response_format',
      asked: asked.type,
      sent: native?.type ?? null,
      kind: 'emulated',
      reason: `${why}: it is asked for in the prompt and checked on the answer`,
      at,
    },
  };
}

function instructionFor(format: Exclude<ResponseFormat, { type: 'text' }>, written: string | null): string {
  const plain = 'Answer with one JSON object and nothing else: no prose around it, no code fence.';
  if (format.type === 'json_object' || format.schema === null) return plain;
  const described = format.description === null ? '' : ` ${format.description}`;
  return `${plain}${described} The JSON must be valid against this JSON Schema:\n${written ?? JSON.stringify(format.schema)}`;
}
