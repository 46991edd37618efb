import { BUILT_IN_TEXT } from '../../config/built-in.ts';
import { VENDOR_KEY_NAMES } from './vendor-keys.ts';

/** The models that `candor dev` brings, word for word. */
const MODELS = BUILT_IN_TEXT.slice(BUILT_IN_TEXT.indexOf('models:'), BUILT_IN_TEXT.indexOf('routes:'));

const ROUTES = `# What clients ask for. \`degraded\`: where the first model fails another may answer, and the answer says so; \`off\`: never.
routes:
  extract: { try: [gpt-4o, claude-opus, deepseek-chat], fallback: degraded }
  summarize: { try: [gemini-flash, gpt-4o-mini], fallback: degraded }
  create: { try: [claude-opus] }
  legal:
    try: [gpt-4o, claude-opus, gemini-flash]
    params: { temperature: { max: 0.3 } }
    fallback: degraded
`;

/**
 * A config for these keys: the name of the variable of each kind of provider that has one. A provider
 * without is left simulated, with the line that makes it real beside it. No key stands in it.
 * @param schema whether a schema file lies beside it
 */
export function initialConfig(keyNames: ReadonlyMap<string, string>, schema: boolean): string {
  const modeline = schema ? '# yaml-language-server: $schema=./candor.schema.json\n' : '';
  const providers = Object.entries(VENDOR_KEY_NAMES).map(([kind, [usualName]]) => {
    const name = keyNames.get(kind);
    if (name !== undefined) return `  ${kind}: { key: env:${name} }\n`;
    return `  # Simulated, for want of a key. With one: { key: env:${usualName} }\n  ${kind}: { sim: true }\n`;
  });
  return `${modeline}# Keys stay in the environment. After a change: candor validate\nproviders:\n${providers.join('')}\n${MODELS}${ROUTES}`;
}
