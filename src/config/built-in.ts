/** What `at` and the hash call the configuration below. */
export const BUILT_IN_ORIGIN = 'built-in';

/** The configuration of `candor dev` without a file: eight simulated models and four routes. */
export const BUILT_IN_TEXT = `providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
  deepseek: { sim: true }

models:
  gpt-4o: { at: openai }
  gpt-4o-mini: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  claude-haiku: { at: anthropic, id: claude-haiku-4-5 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
  gemini-pro: { at: google, id: gemini-2.5-pro }
  deepseek-chat:
    at: deepseek
    prompt: { append: "Never wrap the answer in a code fence." }
  deepseek-reasoner: { at: deepseek }

routes:
  extract: { try: [gpt-4o, claude-opus, deepseek-chat] }
  summarize: { try: [gemini-flash, gpt-4o-mini] }
  create: { try: [claude-opus] }
  legal:
    try: [gpt-4o, claude-opus, gemini-flash]
    params: { temperature: { max: 0.3 } }
`;
