const MARKUP = /<\/?(?:i|em|b|strong|u|cite|q|span|mark)(?:\s[^<>]{0,300})?>/u;
const ENTITY = /&(?:nbsp|amp|quot|apos|#39|sect|ndash|mdash|[lr][sd]quo|shy);/u;
/** Stars, back ticks, underscores at the edge of words, and backslashes before what Markdown would read otherwise. */
const MARKDOWN =
  /\*+|`+|(?<=^|[\s("[])_+(?=\S)|(?<=\S)_+(?=$|[\s.,;:!?)"'\]])|\\(?=[_*[\]().#/"-])|\\[nrt](?=[\p{Lu}\d\s[(<§"-])/u;
/** A word that a line end parts. */
const HYPHENATION = /(?<=\p{Ll})[-\u2010]\r?\n(?=\p{Ll})/u;
const ACCENTED = /\p{L}[\u0300-\u036f]+/u;
/** Other ways to write spaces, dashes, quotes, dots and letters; superscript digits are none: they are notes, not figures. */
const VARIANT =
  /[\u00a0\u00ab\u00ad\u00b4\u00bb\u2000-\u2015\u2018-\u201f\u2024\u2026\u2028-\u202f\u2032\u2033\u2035\u2039\u203a\u205f-\u2064\u2212\u2215\u3000\u3010\u3011\u301d-\u301f\ufb00-\ufb06\ufe58\ufe63\ufeff\uff01-\uff5e]|[\u{fe00}-\u{fe0f}]|[\u{1d400}-\u{1d7ff}]/u;
/** More white space than parts anything: patterns would go over such a run once for each of its characters. */
const GAP = /\s{17,}/u;
const VARIANTS = new RegExp(
  [GAP, MARKUP, ENTITY, MARKDOWN, HYPHENATION, ACCENTED, VARIANT].map(({ source }) => source).join('|'),
  'gmu',
);
/** Texts without any of these have nothing to change. */
const MAY_VARY = /[^\x00-\x7f]|[*`_\\<&]|-\r?\n|\s{17}/;

const SPELLINGS: Readonly<Record<string, string>> = {
  '&nbsp;': ' ',
  '&amp;': '&',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&sect;': '§',
  '&ndash;': '-',
  '&mdash;': '-',
  '&lsquo;': "'",
  '&rsquo;': "'",
  '&ldquo;': '"',
  '&rdquo;': '"',
  '\u2024': '.',
  '\u2026': '...',
  '\u2215': '/',
  '\u3010': '[',
  '\u3011': ']',
};

/** A text in one spelling of spaces, dashes, quotes and letters, without Markdown's and HTML's emphasis, and the way back to the original. */
export class NormalText {
  readonly text: string;
  /** Where the two part: offsets here, and what they are in the original. */
  readonly #here: readonly number[];
  readonly #there: readonly number[];

  constructor(original: string) {
    const here: number[] = [];
    const there: number[] = [];
    if (!MAY_VARY.test(original)) this.text = original;
    else {
      let gained = 0;
      this.text = original.replace(VARIANTS, (variant: string, offset: number) => {
        const spelling = spell(variant);
        if (spelling.length !== variant.length) {
          gained += spelling.length - variant.length;
          here.push(offset + variant.length + gained);
          there.push(offset + variant.length);
        }
        return spelling;
      });
    }
    this.#here = here;
    this.#there = there;
  }

  /** The original's offset of the character at `offset`. */
  originOf(offset: number): number {
    let low = 0;
    let high = this.#here.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#here[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const last = low - 1;
    return last < 0 ? offset : offset - (this.#here[last] ?? 0) + (this.#there[last] ?? 0);
  }

  /** The original's offsets of `[start, end)`, which is not empty. */
  originalSpan(start: number, end: number): { readonly start: number; readonly end: number } {
    return { start: this.originOf(start), end: this.originOf(end - 1) + 1 };
  }
}

function spell(variant: string): string {
  const known = SPELLINGS[variant];
  if (known !== undefined) return known;
  // A line that begins behind it still does.
  if (GAP.test(variant)) return variant.includes('\n') ? '\n\n' : ' ';
  // A line end as JSON writes it within its strings.
  if (/^\\[nrt]$/.test(variant)) return ' ';
  if (variant.length > 1 && /^[<*`_&\\-]|\n/.test(variant)) return '';
  if (/^[*`_\\]/.test(variant)) return '';
  if (/^\p{Zs}|^[\u2028\u2029]/u.test(variant)) return ' ';
  if (/^[\p{Cf}\ufe00-\ufe0f]/u.test(variant)) return '';
  if (/^[\p{Pd}\u2212]/u.test(variant)) return '-';
  if (/^[\u00b4\u2018-\u201b\u2032\u2035\u2039\u203a]/.test(variant)) return "'";
  if (/^[\u00ab\u00bb\u201c-\u201f\u2033\u301d-\u301f]/.test(variant)) return '"';
  return variant.normalize('NFKC');
}
