import { clientPath, type ChatRequest } from './chat.ts';
import type { JsonValue } from './json.ts';
import { withoutLongText, withoutText } from './told-value.ts';

export type AdjustmentKind =
  | 'capped'
  | 'clamped'
  | 'defaulted'
  | 'dropped'
  | 'renamed'
  | 'rewritten'
  | 'emulated'
  | 'brief';

/** One change that Candor made to what the client asked. Nothing is changed without one. */
export interface Adjustment {
  /** Path in the client's request, e.g. `temperature` or `messages[0].name`. */
  readonly param: string;
  /** What the client asked; `null` when it asked nothing. */
  readonly asked: JsonValue;
  /** What was sent instead; `null` when nothing was. */
  readonly sent: JsonValue;
  readonly kind: AdjustmentKind;
  /** Why, in a few words a person understands. */
  readonly reason: string;
  /** The config line that caused it (`candor.yaml:33`), the provider (`anthropic`), or `built-in`. */
  readonly at: string;
}

/** Members of a request that hold what people wrote, not how to answer it. */
const CONTENT =
  /^(messages\[|prediction|functions|tools|response_format\.|input|instructions|system|text\.|contents\[|system_?instruction|output_config\.format|generation_?config\.response_?(?:json_?)?schema)/i;
/** What of them are names and the like: these are told as they are, unless they are too long for a name. */
const NAME = /\.(name|role|type|id|tool_call_id|detail)$/;
const MAX_NAME_CHARACTERS = 64;

/**
 * The adjustment with the client's own content replaced by its hash and length: adjustments stay in
 * the ledger for ever, content can be erased. What Candor itself adds to a prompt is told in full.
 */
export function withoutContent(adjustment: Adjustment): Adjustment {
  if (!CONTENT.test(adjustment.param)) {
    const asked = withoutLongText(adjustment.asked);
    return asked === adjustment.asked ? adjustment : { ...adjustment, asked };
  }
  const asked = told(adjustment.asked, adjustment.param);
  const sent = told(adjustment.sent, adjustment.param);
  return asked === adjustment.asked && sent === adjustment.sent ? adjustment : { ...adjustment, asked, sent };
}

function told(value: JsonValue, param: string): JsonValue {
  const isName = NAME.test(param) && typeof value === 'string' && value.length <= MAX_NAME_CHARACTERS;
  return isName ? value : withoutText(value);
}

/** The adjustment under the name that the client's own dialect has for the parameter. */
export function inClientsWords(adjustment: Adjustment, request: Pick<ChatRequest, 'parameterPaths'>): Adjustment {
  const param = clientPath(request, adjustment.param);
  return param === adjustment.param ? adjustment : { ...adjustment, param };
}
