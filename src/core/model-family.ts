/** Names by which vendors tell their families apart, the more telling first: `deepseek-r1-distill-llama` is DeepSeek's. */
const FAMILIES: readonly (readonly [name: RegExp, family: string])[] = [
  [/deepseek/, 'deepseek'],
  [/claude/, 'claude'],
  [/gemini/, 'gemini'],
  [/gpt|(?:^|[^a-z\d])o\d/, 'gpt'],
];

/**
 * The family of a model, by the vendor's own name of it: `gpt`, `claude`, `gemini`, `deepseek`; of any other the first
 * word of the name without the owner before it (`meta-llama/Llama-3.1-8B`: `llama`).
 */
export function familyOf(modelId: string): string {
  const name = modelId.toLowerCase();
  const known = FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
  return known ?? /[a-z]+/.exec(name.slice(name.lastIndexOf('/') + 1))?.[0] ?? name;
}
