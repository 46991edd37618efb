import {
  arrayMember,
  isJsonObject,
  numberMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../core/json.ts';

/** How sure a model was of its words as it wrote them. */
export interface LogprobSignals {
  /** Natural logarithm, of the mean token. */
  readonly mean_logprob: number;
  /** The least mean of five tokens in a row. */
  readonly min_window_logprob: number;
}

const WINDOW = 5;

/** The chosen token of one entry of OpenAI's list, with its likelihood. */
export interface ChosenToken {
  readonly bytes: Buffer;
  /** `null`: the vendor did not tell it. */
  readonly logprob: number | null;
  /** Of the likeliest other token at this place; `null`: the vendor told none. */
  readonly otherLogprob: number | null;
}

/** What the tokens' likelihoods say of a whole answer; `null` where a vendor gives none, or one without a number. */
export function logprobSignals(entries: readonly JsonValue[] | null): LogprobSignals | null {
  const logprobs = (entries ?? []).map((entry) => (isJsonObject(entry) ? numberMember(entry, 'logprob') : null));
  const known = logprobs.filter((logprob) => logprob !== null);
  if (known.length === 0 || known.length < logprobs.length) return null;
  const width = Math.min(WINDOW, known.length);
  let sum = 0;
  let total = 0;
  let least = Infinity;
  for (const [index, logprob] of known.entries()) {
    total += logprob;
    sum += logprob - (index >= width ? (known[index - width] ?? 0) : 0);
    if (index >= width - 1) least = Math.min(least, sum / width);
  }
  return { mean_logprob: total / known.length, min_window_logprob: least };
}

/** The tokens as the vendor lists them; `null` for a list that holds something else. */
export function chosenTokens(entries: readonly JsonValue[]): readonly ChosenToken[] | null {
  const tokens: ChosenToken[] = [];
  for (const entry of entries) {
    const token = isJsonObject(entry) ? stringMember(entry, 'token') : null;
    if (token === null || !isJsonObject(entry)) return null;
    const others = arrayMember(entry, 'top_logprobs')
      .filter(isJsonObject)
      .filter((other) => other['token'] !== token)
      .map((other) => numberMember(other, 'logprob'))
      .filter((logprob) => logprob !== null);
    tokens.push({
      bytes: bytesOf(entry, token),
      logprob: numberMember(entry, 'logprob'),
      otherLogprob: others.length === 0 ? null : Math.max(...others),
    });
  }
  return tokens;
}

/** A token may be a part of a character: then only its bytes say which. */
function bytesOf(entry: JsonObject, token: string): Buffer {
  const bytes = arrayMember(entry, 'bytes');
  const isGiven = bytes.length > 0 && bytes.every((byte) => typeof byte === 'number');
  return isGiven ? Buffer.from(bytes) : Buffer.from(token);
}
