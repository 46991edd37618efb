import { nextToken } from './lenient-tokens.ts';

/** Why a text gives no value. The words end a sentence that begins with "the answer is not JSON: ". */
export type NoValue =
  | 'it holds none'
  | 'it holds more than one value'
  | 'it ends inside a value'
  | 'it is part of a value';

/** What begins a JSON value and hardly any prose: `{name}` and `[see below]` do not. */
const OBJECT_START = /^\{\s*(?:$|["'}]|\/[/*]|[\p{L}_$][\p{L}\p{N}_$-]*\s*:)/u;
const ARRAY_START = /^\[\s*(?:$|["'{[\]\d-]|\/[/*]|(?:true|false|null|True|False|None)\b)/;
/** As much of a text as tells whether a value begins there; what is longer is none. */
const START_CHARACTERS = 256;
/** A value that follows a member's name, or is followed by a further one, is part of a larger one that is not whole. */
const NAME_BEFORE = /["']\s*:\s*$/;
const MORE_AFTER = /^\s*(?:,\s*["'{[]|:)/;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text of the only object or array that stands in a text of whatever else, right or nearly right; or why there is no such. */
export function findValue(text: string): string | { readonly problem: NoValue } {
  const found: Span[] = [];
  // Brackets of prose come in pairs. One that closes nothing, or is not closed, is of a value that is not whole.
  const openInProse: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '}' || character === ']') {
      if (openInProse.pop() !== character) return { problem: 'it is part of a value' };
    }
    if (character !== '{' && character !== '[') continue;
    if (!beginsValue(text, at)) {
      openInProse.push(character === '{' ? '}' : ']');
      continue;
    }
    // Within brackets that begin no value it may be a part of one that is written in some other way: `{1: {"a": 2}}`.
    if (openInProse.length > 0) return { problem: 'it is part of a value' };
    const end = endOfValue(text, at);
    if (end === null) return { problem: 'it ends inside a value' };
    found.push({ start: at, end });
    at = end - 1;
  }
  if (openInProse.length > 0) return { problem: 'it ends inside a value' };
  const [only, ...others] = found;
  if (only === undefined) return { problem: 'it holds none' };
  if (others.length > 0) return { problem: 'it holds more than one value' };
  const isPart = NAME_BEFORE.test(text.slice(Math.max(0, only.start - START_CHARACTERS), only.start));
  if (isPart || MORE_AFTER.test(text.slice(only.end))) return { problem: 'it is part of a value' };
  return text.slice(only.start, only.end);
}

/** Whether the text is a value, perhaps in a fence, that begins and never ends. */
export function endsInsideValue(text: string): boolean {
  const start = /^\s*(?:```\w*\s*)?(?=[{[])/.exec(text)?.[0].length;
  return start !== undefined && beginsValue(text, start) && endOfValue(text, start) === null;
}

/** What begins JSON and nothing else that people write: an object with its first name, or a list of objects. */
const CERTAIN_START = /\{\s*"[^"\n{}]{0,80}"\s*:|\[\s*\{\s*"|\{\s*"[^"\n{}]{0,80}"?\s*$/g;

/** Where in a text of prose a JSON value begins that never ends; `null`: nowhere, as far as that is certain. */
export function unclosedValueStart(text: string): number | null {
  // Code may hold whatever looks like it.
  let end = text.lastIndexOf('```') + 1;
  for (const { index } of text.matchAll(CERTAIN_START)) {
    if (index < end) continue;
    const next = endOfValue(text, index);
    if (next === null) return index;
    end = next;
  }
  return null;
}

function beginsValue(text: string, at: number): boolean {
  return (text[at] === '{' ? OBJECT_START : ARRAY_START).test(text.slice(at, at + START_CHARACTERS));
}

/** Where the object or array that begins here ends; `null` when it does not, or its brackets do not match. */
function endOfValue(text: string, start: number): number | null {
  const open: string[] = [];
  for (let offset = start; ;) {
    const token = nextToken(text, offset);
    if (token === null || token === 'unclosed') return null;
    offset = token.end;
    if (token.kind === 'open') open.push(text[token.start] === '{' ? '}' : ']');
    if (token.kind !== 'close') continue;
    if (open.pop() !== text[token.start]) return null;
    if (open.length === 0) return token.end;
  }
}
