/** What a request is to meet, whatever way it was asked for. */
export type ParsedFault =
  | { readonly kind: 'status'; readonly status: FaultStatus }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refusal' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'invent' }
  | { readonly kind: 'slow'; readonly firstTokenMs: number }
  | { readonly kind: 'cut'; readonly afterTokens: number; readonly clean: boolean }
  | { readonly kind: 'stall'; readonly afterTokens: number }
  | { readonly kind: 'content-type'; readonly value: string }
  | { readonly kind: 'rate-limit'; readonly retryAfterSeconds: number };

export type FaultStatus = 429 | 500 | 503 | 529;

/** The words `parseFaultWord` takes, for messages. */
export const FAULT_WORDS =
  '503, 429, 500, 529, refuse, refusal, malformed, invent, html, slow:<ms>, cut:<tokens>, cut-clean:<tokens>, stall:<tokens>, rate:<seconds>, type:<media type>';

/** The header of one upstream request that names the fault it is to meet. */
export const FAULT_HEADER = 'x-candor-sim';

const LARGEST_COUNT = 86_400_000;

/** Reads one fault as `x-candor-sim` names it, without its target (`503`, `cut:12`); `null` when it is no such word. */
export function parseFaultWord(text: string): ParsedFault | null {
  const [word = '', argument, ...more] = text.trim().split(':');
  if (more.length > 0) return null;
  return argument === undefined ? plainFault(word) : countedFault(word, argument);
}

function plainFault(word: string): ParsedFault | null {
  switch (word) {
    case '429':
    case '500':
    case '503':
    case '529':
      return { kind: 'status', status: Number(word) as FaultStatus };
    case 'refuse':
      return { kind: 'unreachable' };
    case 'refusal':
    case 'malformed':
    case 'invent':
      return { kind: word };
    case 'html':
      return { kind: 'content-type', value: 'text/html' };
    default:
      return null;
  }
}

function countedFault(word: string, argument: string): ParsedFault | null {
  if (word === 'type') return isMediaType(argument) ? { kind: 'content-type', value: argument } : null;
  const count = /^\d{1,8}$/.test(argument) ? Number(argument) : Number.NaN;
  if (!isCount(count)) return null;
  switch (word) {
    case 'slow':
      return { kind: 'slow', firstTokenMs: count };
    case 'cut':
    case 'cut-clean':
      return { kind: 'cut', afterTokens: count, clean: word === 'cut-clean' };
    case 'stall':
      return { kind: 'stall', afterTokens: count };
    case 'rate':
      return { kind: 'rate-limit', retryAfterSeconds: count };
    default:
      return null;
  }
}

/** The fault as a word that `parseFaultWord` reads back. */
export function faultWord(fault: ParsedFault): string {
  switch (fault.kind) {
    case 'status':
      return String(fault.status);
    case 'unreachable':
      return 'refuse';
    case 'refusal':
    case 'malformed':
    case 'invent':
      return fault.kind;
    case 'slow':
      return `slow:${fault.firstTokenMs}`;
    case 'cut':
      return `${fault.clean ? 'cut-clean' : 'cut'}:${fault.afterTokens}`;
    case 'stall':
      return `stall:${fault.afterTokens}`;
    case 'content-type':
      return fault.value === 'text/html' ? 'html' : `type:${fault.value}`;
    case 'rate-limit':
      return `rate:${fault.retryAfterSeconds}`;
  }
}

/** Whether the number is a whole one from 0 to a day's milliseconds. */
export function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= LARGEST_COUNT;
}

/** Whether the text is a media type that can stand in a header. */
export function isMediaType(text: string): boolean {
  return /^[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,60}$/i.test(text);
}
