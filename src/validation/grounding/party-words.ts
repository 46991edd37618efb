/** Small words within names. */
export const JOINING = new Set(
  'of the and & for de la le du des von van der den di del da y et al ex rel on in re application to'.split(' '),
);
/** Words for the form of a company and the like, which may be there or not. */
export const FORMS = new Set(
  'inc incorporated corp corpn corporation co company ltd limited llc llp lp plc gmbh ag sa nv bv kg se spa ohg pty pte na jr sr iii ii et al the of and & ors anor others another esq no'.split(
    ' ',
  ),
);
/** Words of names that are shortened, as they are written out. */
export const ABBREVIATED: Readonly<Record<string, string>> = {
  dept: 'department',
  dep: 'department',
  deptt: 'department',
  assn: 'association',
  assoc: 'association',
  natl: 'national',
  nat: 'national',
  intl: 'international',
  int: 'international',
  univ: 'university',
  bd: 'board',
  commn: 'commission',
  comm: 'commission',
  commr: 'commissioner',
  govt: 'government',
  mfg: 'manufacturing',
  mfrs: 'manufacturers',
  ry: 'railway',
  rr: 'railroad',
  bros: 'brothers',
  ins: 'insurance',
  hosp: 'hospital',
  educ: 'education',
  ed: 'education',
  servs: 'services',
  serv: 'service',
  sys: 'systems',
  fed: 'federal',
  secy: 'secretary',
  ctr: 'center',
  centre: 'center',
  cmty: 'community',
  cnty: 'county',
  cty: 'county',
  elec: 'electric',
  indus: 'industries',
  ind: 'industries',
  grp: 'group',
  sch: 'school',
  dist: 'district',
  twp: 'township',
  st: 'saint',
  mut: 'mutual',
  auto: 'automobile',
  transp: 'transportation',
  pharm: 'pharmaceuticals',
  tel: 'telephone',
  fin: 'financial',
  us: 'us',
  usa: 'us',
  regina: 'r',
  rex: 'r',
};
/** Initials that are whole names. */
const KNOWN_INITIALS = new Set(['uk', 'ny', 'nj']);

/** Nine words in ten must be the same, letter by letter. */
const LEAST_SHARE = 0.9;

/** Whether the words of one party stand in what the context calls it. */
export function isWithin(cited: readonly string[], supplied: readonly string[]): boolean {
  const shared = cited.filter((word) => supplied.some((other) => isSameWord(word, other, cited.length))).length;
  return shared >= LEAST_SHARE * cited.length;
}

/** Equal, or one a beginning of the other with a full stop: `am.` of "america"; a single letter beside other words only. */
function isSameWord(cited: string, supplied: string, words: number): boolean {
  if (cited === supplied) return true;
  const stem = cited.slice(0, -1);
  if (cited.endsWith('.'))
    return (
      supplied === stem || ((stem.length > 1 || words > 1) && supplied.startsWith(stem.replace(/(?<=.{3})s$/, '')))
    );
  return supplied.endsWith('.') && supplied.length > 3 && cited.startsWith(supplied.slice(0, -1));
}

/** A word as the lists have it: without case, brackets and punctuation. */
export function bareWord(word: string): string {
  return word
    .toLowerCase()
    .replace(/^["'([]+|[.,;:!?"')\]]+$/g, '')
    .replace(/['’]/g, '');
}

/** The words of a party that tell it from others: folded, written out where they are shortened, without its form. */
export function tellingWords(text: string): readonly string[] {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/united states(?: of america)?/g, 'us')
    .replace(/united kingdom/g, 'uk')
    .replace(/new (york|jersey)/g, (_, name: string) => `n${name.charAt(0)}`)
    .replace(/\bthe (?:queen|king)\b/g, 'r')
    .replace(/['’]s\b/g, '')
    .replace(/['’]/g, '')
    .replace(/(?<=(?<!\p{L})\p{L})\.\s?(?=\p{L}(?:\.|(?!\p{L})))/gu, '');
  const all = (plain.match(/[\p{L}\p{N}]+\.?/gu) ?? []).map((word) => {
    const bare = word.replace('.', '');
    const isKnown = FORMS.has(bare) || JOINING.has(bare) || KNOWN_INITIALS.has(bare);
    return ABBREVIATED[bare] ?? (isKnown ? bare : word);
  });
  const telling = all.filter((word) => !FORMS.has(word) && !JOINING.has(word));
  return telling.length > 0 ? telling : all.slice(0, 1);
}
