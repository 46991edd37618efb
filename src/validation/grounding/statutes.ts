import { squash, type Reference } from './reference.ts';
import { SpanSet } from './span-set.ts';

/** `17 U.S.C. § 107(1)`, `29 CFR 1630.2(o)` */
const AMERICAN =
  /(?<![\p{L}\p{N}.])(\d{1,2})\s+(U\.?\s*S\.?\s*C\.?(?:\s*[AS]\.?)?|C\.?\s*F\.?\s*R\.?)\s*(?:§§?|Sec(?:tion|\.)?|Part|Pt\.?)?\s*(\d{1,5}(?:\.\d{1,5})?(?:[a-z]{1,2}(?:-\d{1,3}[a-z]?)?)?)((?:\s?\([a-z0-9]{1,5}\))*)(?![\p{L}\d])/giu;
/** What a code is called behind its sections: `BGB`, `StGB`, `DS-GVO`, `GDPR`. */
const CODE = '(?:\\p{Lu}[\\p{L}]{0,20}-?\\p{Lu}[\\p{L}]{0,20}(?:\\s[IVX]{1,4}(?!\\p{L}))?)';
/** Subdivisions: `(1)(f)`, `Abs. 1 Satz 2 Nr. 3 lit. f`, `I 1`. */
const DIVISION =
  '(?:\\s?\\([a-zA-Z0-9]{1,5}\\)|,?\\s*(?:Abs(?:atz|\\.)?|S(?:atz|\\.)|Nr\\.?|lit\\.?|Buchst(?:abe|\\.)?|Unterabs\\.?|Var\\.?|Alt\\.?|para(?:graph|\\.)?|point|subpara(?:graph|\\.)?)\\s*\\(?[a-zA-Z0-9]{1,5}\\)?|\\s[IVX]{1,5}(?=\\s|,|\\.|;|\\)|$)(?:\\s\\d{1,2}(?=\\s|$))?)';
const NUMBER = '\\d{1,5}[a-z]?(?:[.:-]\\d{1,5})?[a-z]?(?![\\p{L}\\d])';
const FOLLOWING = '(?:\\s*(?:ff?\\.|et\\s+seq\\.?))?';
/** `§ 230 StGB`, `§§ 823 Abs. 1, 826 BGB`, `Art. 6(1)(f) GDPR`; sections that words alone announce are citations only with their code. */
const SECTIONS = new RegExp(
  `(?<![\\p{L}\\p{N}])(?<sign>§§?|Art(?:icles?|ikel|s?\\.)|Sections?|Sec(?:s?\\.)|ss?\\.?(?=\\s\\d)|Clauses?|Rules?|Regulations?|paragraphs?)\\s*(?<list>${NUMBER}${DIVISION}{0,6}${FOLLOWING}(?:\\s*(?:,|and|und|bis|to|-|/|&|i\\.\\s?V\\.\\s?m\\.)\\s*(?:§§?|Art\\.)?\\s*${NUMBER}${DIVISION}{0,6}${FOLLOWING}){0,12})(?:\\s*,?\\s*(?:of\\s+the\\s+|der\\s+|des\\s+)?(?<code>${CODE})(?![\\p{L}]))?`,
  'gu',
);
const ONE_SECTION = new RegExp(`(?<number>${NUMBER})(?<division>${DIVISION}{0,6})`, 'gu');
/** `Misrepresentation Act 1967`, `Data Protection Act, 2018`, `Civil Rights Act of 1964` */
const ACT =
  /(?<![\p{L}\p{N}])((?:\p{Lu}[\p{L}'&-]{0,40}(?:\s+(?:and|of|for|the|in|to|on|\([\p{L} ]{2,30}\))(?=\s)){0,3}\s+){1,8}(?:Act|Order|Regulations|Code|Ordinance|Rules))\s*,?\s*(?:of\s+)?[([]?(\d{4})(?!\d)/gu;
/** `Directive 95/46/EC`, `Regulation (EU) 2016/679`, `Verordnung (EG) Nr. 44/2001` */
const UNION_ACT =
  /(?<![\p{L}\p{N}])(?:Directive|Regulation|Decision|Richtlinie|Verordnung|Beschluss|RL|VO)\s*(?:\((?:EU|EC|EEC|EG|EWG)(?:,\s*Euratom)?\))?\s*(?:N[or]\.?\s*)?(\d{1,4}\/\d{1,4})(?!\d)(?:\/(?:EU|EC|EEC|EG|EWG|JHA))?/gu;
/** `Fed. R. Civ. P. 12(b)(6)` */
const COURT_RULE =
  /(?<![\p{L}\p{N}])(?:Fed(?:eral|\.)?\s*R(?:ules?|\.)?\s*(?:of\s+)?)(Civ(?:il|\.)?|Crim(?:inal|\.)?|App(?:ellate|\.)?|Evid(?:ence|\.)?|Bankr(?:uptcy|\.)?)\s*(?:P(?:rocedure|\.)?)?\s*(\d{1,4}(?:\.\d{1,2})?)((?:\s?\([a-z0-9]{1,4}\))*)(?![\p{L}\d])/giu;

/** One law under several names. */
const CODE_NAMES: Readonly<Record<string, string>> = {
  dsgvo: 'gdpr',
  rgpd: 'gdpr',
  aeuv: 'tfeu',
  euv: 'teu',
  emrk: 'echr',
};
const ROMAN: Readonly<Record<string, string>> = {
  i: '1',
  ii: '2',
  iii: '3',
  iv: '4',
  v: '5',
  vi: '6',
  vii: '7',
  viii: '8',
  ix: '9',
  x: '10',
};

/**
 * Sections of statutes, acts with their years, and acts of the European Union. In an answer (`cited`) the words
 * "section", "article" and the like count only where the code's name follows; in the context (`supplied`) always.
 */
export function statutes(text: string, side: 'cited' | 'supplied'): readonly Reference[] {
  const found = [
    ...[...text.matchAll(AMERICAN)].map((match) => {
      const [, title = '', code = '', section = '', division = ''] = match;
      return reference(match, `${Number(title)}:${squash(code).slice(0, 3)}:${section.toLowerCase()}`, division);
    }),
    ...[...text.matchAll(COURT_RULE)].map((match) => {
      const [, kind = '', rule = '', division = ''] = match;
      return reference(match, `rule:${squash(kind).slice(0, 3)}:${rule}`, division);
    }),
    ...[...text.matchAll(UNION_ACT)].map((match) => reference(match, `union:${match[1]}`, '')),
    ...[...text.matchAll(ACT)].map((match) => act(match)),
  ];
  const taken = new SpanSet(found);
  return [
    ...found,
    ...[...text.matchAll(SECTIONS)]
      .flatMap((match) => sections(match, side))
      .filter((section) => !taken.overlaps(section)),
  ];
}

function reference(match: RegExpExecArray, key: string, division: string): Reference {
  const parts = divisionOf(division);
  const start = match.index;
  return {
    kind: 'statute',
    start,
    end: start + match[0].length,
    key: `statute:${key}`,
    details: parts === '' ? {} : { division: parts },
  };
}

/** Words that open a sentence in front of an act's name. */
const OPENERS =
  /^(?:(?:the|under|in|see|by|per|as|and|but|since|while|when|although|section|sections|article|articles|applying|both|of)\s+)+/i;

function act(match: RegExpExecArray): Reference {
  const [, name = '', year = ''] = match;
  const bare = name.replace(OPENERS, '');
  const start = match.index + name.length - bare.length;
  // From its end, as what stands before a name may be taken for a part of it.
  const words =
    bare
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu)
      ?.toReversed() ?? [];
  const key = `act:${words.slice(0, 2).join('.')}`;
  return { kind: 'statute', start, end: match.index + match[0].length, key, details: { year, name: words.join('.') } };
}

function sections(match: RegExpExecArray, side: 'cited' | 'supplied'): readonly Reference[] {
  const { sign = '', list = '', code } = match.groups ?? {};
  if (side === 'cited' && code === undefined && !sign.startsWith('§')) return [];
  const listAt = match.index + match[0].indexOf(list, sign.length);
  const law = code === undefined ? undefined : squash(code);
  const parts = [...list.matchAll(ONE_SECTION)];
  // A sign within the list begins another series, to which alone the code belongs that follows.
  const signs = [sign];
  for (const { index } of parts.slice(1)) {
    signs.push(/(?:§§?|Art\.)\s*$/.exec(list.slice(0, index))?.[0] ?? signs.at(-1) ?? sign);
  }
  const series = signs.map((each) => (each.startsWith('Art') ? 'article' : 'section'));
  return parts.map((part, index) => {
    const { number = '', division = '' } = part.groups ?? {};
    const divided = divisionOf(division);
    return {
      kind: 'statute',
      start: index === 0 ? match.index : listAt + part.index,
      end: index === parts.length - 1 ? match.index + match[0].length : listAt + part.index + part[0].length,
      key: `${series[index]}:${number.toLowerCase()}`,
      details: {
        ...(law === undefined || series[index] !== series.at(-1) ? {} : { code: CODE_NAMES[law] ?? law }),
        ...(divided === '' ? {} : { division: divided }),
      },
    };
  });
}

/** `Abs. 1 lit. f`, `(1)(f)` and `I f` alike: `1.f`. */
function divisionOf(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words
    .filter((word) => /^\d/.test(word) || word.length === 1 || ROMAN[word] !== undefined)
    .filter((word, index, all) => !(word === 's' && index + 1 < all.length))
    .map((word, index) => (index === 0 && /^\s+[IVX]/.test(text) ? (ROMAN[word] ?? word) : word))
    .join('.');
}
