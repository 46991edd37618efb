import { lenientTokens } from './lenient-tokens.ts';
import { rewritten } from './respell.ts';

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f]/;
// oxlint-disable-next-line no-control-regex -- as above; what a backslash stands before is left as it is
const ESCAPED_OR_CONTROL = /\\[^]|[\u0000-\u001f]/g;

/** The text with the raw control characters inside its strings escaped, which is what JSON asks for; nothing else changes. */
export function escapeControls(text: string): string {
  if (!CONTROL.test(text)) return text;
  return rewritten(text, lenientTokens(text) ?? [], (token) => {
    const written = text.slice(token.start, token.end);
    return token.kind === 'string' ? written.replace(ESCAPED_OR_CONTROL, escapeOne) : written;
  });
}

function escapeOne(found: string): string {
  return found.length === 1 ? JSON.stringify(found).slice(1, -1) : found;
}
