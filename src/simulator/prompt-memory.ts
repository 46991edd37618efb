import { countTokens } from './tokens.ts';

const MOST_PROMPTS = 64;
const LONGEST_REMEMBERED = 200_000;

/** What the prompt caches of the vendors come down to: how much of a prompt's beginning was there before, in whole blocks. */
export class PromptMemory {
  readonly #prompts = new Map<string, string[]>();
  readonly #blockTokens: number;
  readonly #leastTokens: number;

  constructor(blockTokens: number, leastTokens: number) {
    this.#blockTokens = blockTokens;
    this.#leastTokens = leastTokens;
  }

  /** The tokens of this prompt a cache would have held; the prompt is remembered from here on. */
  cachedTokens(model: string, prompt: string): number {
    const seen = this.#prompts.get(model) ?? [];
    const shared = Math.max(0, ...seen.map((other) => sharedLength(prompt, other)));
    const tokens = countTokens(prompt.slice(0, shared));
    this.#prompts.set(model, [...seen.slice(1 - MOST_PROMPTS), prompt.slice(0, LONGEST_REMEMBERED)]);
    const cached = Math.floor(tokens / this.#blockTokens) * this.#blockTokens;
    return cached >= this.#leastTokens ? cached : 0;
  }
}

function sharedLength(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  let at = 0;
  while (at < length && left.charCodeAt(at) === right.charCodeAt(at)) at += 1;
  return at;
}
