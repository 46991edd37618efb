/** The variables in which each vendor's tools look for its key, by the kind of provider; the first that is set counts. */
export const VENDOR_KEY_NAMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  openai: ['OPENAI_API_KEY'],
  anthropic: ['ANTHROPIC_API_KEY'],
  google: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  deepseek: ['DEEPSEEK_API_KEY'],
};

/** The name of the variable that holds a key for each kind of provider; only whether it is set is looked at. */
export function foundKeyNames(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [kind, names] of Object.entries(VENDOR_KEY_NAMES)) {
    const name = names.find((each) => (environment[each] ?? '').trim() !== '');
    if (name !== undefined) found.set(kind, name);
  }
  return found;
}
