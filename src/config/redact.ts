/** Words whose value is a secret, wherever they stand. */
export const SECRET_WORDS: ReadonlySet<string> = new Set(['key', 'token', 'hash', 'password', 'secret']);

/** What a reference to a secret looks like; it may be shown, the secret itself may not. */
const REFERENCE = /^(?:env|file):/;

const SECRET_VALUE =
  /\b(key|token|hash|password|secret)(["']?\s*:\s*)(\[[^\]]*\]?|"[^"]*"?|'[^']*'?|[^\s,}#"'][^,}#]*)/gi;
/** Keys by the look of them, in case one stands where no key belongs. */
const KEY_SHAPED = /\b(?:sk|rk|pk|cnd)[-_][\w-]{8,}|\bAIza[\w-]{20,}/g;
const URL_CREDENTIALS = /\/\/[^/\s@]+@/g;

/** A range of characters in the text, `end` excluded. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The lines of a config text with every literal secret overwritten by as many asterisks, so that
 * columns stay right. `ranges` are the secrets found by parsing; a pattern finds those in text that does not parse.
 */
export function redactedLines(text: string, ranges: readonly TextRange[]): readonly string[] {
  let masked = text;
  for (const { start, end } of ranges) {
    masked = masked.slice(0, start) + masked.slice(start, end).replaceAll(/\S/g, '*') + masked.slice(end);
  }
  return masked.split(/\r?\n/).map(redactLine);
}

/** Whether the text refers to a secret kept elsewhere. */
export function isSecretReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** The text with everything that looks like a key overwritten by asterisks. */
export function maskKeys(text: string): string {
  return text.replaceAll(KEY_SHAPED, (value) => '*'.repeat(value.length));
}

function redactLine(line: string): string {
  return maskKeys(line)
    .replaceAll(
      SECRET_VALUE,
      (_, word: string, separator: string, value: string) => word + separator + maskedValue(value),
    )
    .replaceAll(URL_CREDENTIALS, (credentials) => `//${'*'.repeat(credentials.length - 3)}@`);
}

/** A list is masked entry by entry, so that what refers to a secret stays to be read. */
function maskedValue(value: string): string {
  const [, open = '', inner = '', close = ''] = /^(\[?)(.*?)(\]?)$/.exec(value) ?? [];
  if (open === '') return maskedEntry(value);
  return open + inner.split(',').map(maskedEntry).join(',') + close;
}

function maskedEntry(entry: string): string {
  return isSecretReference(entry.replace(/^[\s"']*/, '')) ? entry : entry.replaceAll(/\S/g, '*');
}
