import type { ExtraContent } from './chat.ts';
import { isJsonObject, parseJson } from './json.ts';
import { scanJson } from './json-scan.ts';

const MARK = 'candor:';
const BASE64URL = /^[A-Za-z0-9_-]+$/;
/** Anybody can write such a text: what it holds is bound by what a request may hold (`parseJsonBody`). */
const LIMITS = { maxDepth: 64, maxStructuralCharacters: 200_000 };

/**
 * What other vendors want back with an answer, as one opaque text: for the signature field of a client
 * dialect that has one of its own, so that it survives the way to the client and back. Empty content
 * gives a text too: it says that the field belongs to an answer of another vendor, which wanted nothing back.
 */
export function sealExtra(extra: ExtraContent): string {
  return MARK + Buffer.from(JSON.stringify(extra)).toString('base64url');
}

/** The content that was sealed; `null` for a text that `sealExtra` has not made, such as a vendor's own signature, or whose content no request could hold. */
export function openExtra(text: string): ExtraContent | null {
  if (!text.startsWith(MARK) || !BASE64URL.test(text.slice(MARK.length))) return null;
  const bytes = Buffer.from(text.slice(MARK.length), 'base64url');
  if (scanJson(bytes, LIMITS).problem !== null) return null;
  const extra = parseJson(bytes.toString('utf8'));
  if (!isJsonObject(extra) || !Object.values(extra).every(isJsonObject)) return null;
  return extra as ExtraContent;
}
