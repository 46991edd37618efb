/** A config over the simulator's four providers with these routes, a line each. */
export function simulatedConfig(routes: readonly string[]): string {
  return `providers:
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
  deepseek-chat: { at: deepseek }
routes:
${routes.map((route) => `  ${route}`).join('\n')}
`;
}
