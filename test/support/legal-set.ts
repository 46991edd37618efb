import type { JsonObject } from '../../src/core/json.ts';

/** The route of the built-in config as it is meant for production: what it cites is checked, and a fallback must have earned its place. */
export const LEGAL_CONFIG = `
providers:
  openai: { sim: true }
  anthropic: { sim: true }
  google: { sim: true }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  gemini-flash: { at: google, id: gemini-2.5-flash }
routes:
  legal:
    try: [gpt-4o, claude-opus, gemini-flash]
    params: { temperature: { max: 0.3 } }
    validate: [citations]
    fallback: certified
`;

const PARTIES = [
  'Harlow',
  'Dent',
  'Marsh',
  'Okafor',
  'Lindqvist',
  'Pereira',
  'Tanaka',
  'Novak',
  'Ibsen',
  'Moreau',
  'Castle',
];

/** So many questions of law, each with the decision that answers it. */
export function legalSet(count: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, index) => ({ messages: legalQuestion(index) }));
}

/** One of them. */
export function legalQuestion(index: number): readonly [{ readonly role: 'user'; readonly content: string }] {
  const first = PARTIES[index % PARTIES.length];
  const second = PARTIES[(index + 1 + Math.floor(index / PARTIES.length)) % PARTIES.length];
  const citation = `${first} v. ${second}, ${100 + index} F.3d ${200 + 3 * index} (9th Cir. ${1980 + (index % 40)})`;
  const content = `Sources: In ${citation}, the court held that notice given within ${10 + index} days suffices and that the tenant is not liable for the delay.\n\nQuestion: Is a tenant liable who gives notice on day ${9 + index}? Cite the decision.`;
  return [{ role: 'user', content }];
}
