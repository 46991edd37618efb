const FENCE = /^ {0,3}(?:[-*+>]\s+|\d{1,3}[.)]\s+| {1,12})?(`{3,}|~{3,})(.*)$/;
/** A parenthesis of prose stands after white space and begins with a word. */
const PROSE_PARENTHESIS = /^\s?\(\p{L}{2}/u;
const NOT_PROSE = -1;

/** Where the code block begins that a text of Markdown ends in; `null`: it ends in none. */
export function unclosedFenceAt(text: string): number | null {
  let open: { readonly mark: string; readonly at: number } | null = null;
  let at = 0;
  for (const line of text.split('\n')) {
    const [, mark = '', info = ''] = FENCE.exec(line) ?? [];
    if (mark !== '' && open === null) {
      // A mark with another one behind it is code within a line.
      if (!(mark.startsWith('`') && info.includes('`'))) open = { mark, at };
    } else if (open !== null && mark.startsWith(open.mark) && info.trim() === '') {
      open = null;
    }
    at += line.length + 1;
  }
  return open?.at ?? null;
}

/** Where in its last paragraph a text opens a parenthesis that it does not close; `null`: nowhere, or that is not certain. */
export function openParenthesisAt(text: string): number | null {
  const start = text.lastIndexOf('\n\n') + 1;
  const open: number[] = [];
  for (const { 0: bracket, index } of text.slice(start).matchAll(/[()]/g)) {
    const at = start + index;
    if (bracket === ')') open.pop();
    else open.push(PROSE_PARENTHESIS.test(text.slice(Math.max(0, at - 1), at + 5)) ? at : NOT_PROSE);
  }
  // An unmatched one that begins no word may be a smiley, a formula or code.
  const [only, ...others] = open;
  return only === undefined || only === NOT_PROSE || others.length > 0 ? null : only;
}
