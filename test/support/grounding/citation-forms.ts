import type { Draw } from './draw.ts';

/** One citation as a source has it, and as an answer may have it. */
export interface MadeCitation {
  /** As the context has it. */
  readonly text: string;
  /** The same citation in another spelling. */
  readonly respelled: string;
  /** The same but for one digit, or one letter of a name: something else. */
  readonly fake: string;
}

const SURNAMES =
  'Harrison Whitfield Delgado Okafor Brennan Castellanos Fitzgerald Lindqvist Marchetti Novak Pemberton Rosenthal Sandoval Thornbury Vasquez Weatherby Yamamoto Zimmerman Abernathy Blackwood Caldwell Donovan Eastwick Fairbanks Galloway Hollingsworth Kowalski Langley Montgomery Prescott'.split(
    ' ',
  );
const PLACES = 'Springfield Topeka Riverside Oakland Hartford Wichita Tacoma Savannah Lansing Dover'.split(' ');
const digitsOf = (text: string): readonly number[] => [...text.matchAll(/\d/g)].map((match) => match.index);

/** The text with one of its digits from `from` to `to` made another one. */
export function withOtherDigit(draw: Draw, text: string, from = 0, to = text.length): string {
  const places = digitsOf(text).filter((at) => at >= from && at < to);
  const at = draw.pick(places);
  // A leading zero would change how the number is written, not only which one it is.
  const others = '123456789'.split('').filter((digit) => digit !== text[at]);
  return text.slice(0, at) + draw.pick(others) + text.slice(at + 1);
}

/** The text with one letter of one of its longer words made another one. */
export function withOtherLetter(draw: Draw, text: string, words: readonly string[]): string {
  const word = draw.pick(words);
  const at = text.indexOf(word) + 1 + draw.below(word.length - 1);
  const others = 'abdegiklmnoprstu'.split('').filter((letter) => letter !== text[at]);
  return text.slice(0, at) + draw.pick(others) + text.slice(at + 1);
}

const looseSpaces = (draw: Draw, text: string): string =>
  text.replace(/ /g, () => draw.pick([' ', ' ', '\u00a0', '\u202f', '  ']));
const anyDash = (draw: Draw, text: string): string =>
  text.replace(/-/g, () => draw.pick(['-', '\u2010', '\u2011', '\u2013']));

/** What a party of a case is called, and how else. */
function party(draw: Draw): { readonly text: string; readonly other: string; readonly words: readonly string[] } {
  const name = draw.pick(SURNAMES);
  const place = draw.pick(PLACES);
  const forms: readonly (readonly [string, string])[] = [
    [name, name],
    [name, name],
    [`${name} Manufacturing Company`, `${name} Mfg. Co.`],
    [`${name} Brothers, Inc.`, `${name} Bros.`],
    [`Board of Education of ${name} County`, `Bd. of Educ. of ${name} Cnty.`],
    [`${name} Insurance Corporation`, `${name} Ins. Corp.`],
    [`City of ${place}`, `CITY OF ${place.toUpperCase()}`],
    [`National Association of ${name} Teachers`, `Nat'l Ass'n of ${name} Teachers`],
    [`${name} Railway Co.`, `${name} Railway Company`],
  ];
  const [text, other] = draw.pick(forms);
  return { text, other: draw.chance(0.5) ? other : text, words: text.includes(name) ? [name] : [place] };
}

function caseName(draw: Draw): MadeCitation {
  const [first, second] = [party(draw), party(draw)];
  const text = `${first.text} ${draw.pick(['v.', 'v'])} ${second.text}`;
  const versus = draw.pick(['v.', 'v', 'vs.', 'vs', 'versus']);
  const plain = `${first.other.replace(/^CITY OF .*/, first.text)} ${versus} ${second.other.replace(/^CITY OF .*/, second.text)}`;
  const respelled = draw.pick([
    plain,
    `*${plain}*`,
    `_${plain}_`,
    `${first.text} ${versus} ${second.text}`.toUpperCase(),
    looseSpaces(draw, plain),
    plain.replace(/'/g, '’'),
  ]);
  return { text, respelled, fake: withOtherLetter(draw, text, [...first.words, ...second.words]) };
}

const US_REPORTERS = [
  'U.S.',
  'F.2d',
  'F.3d',
  'F. Supp.',
  'F. Supp. 2d',
  'S. Ct.',
  'L. Ed. 2d',
  'N.E.2d',
  'P.3d',
  'So. 2d',
  'Cal. App. 4th',
  'N.Y.S.2d',
  'A.2d',
  'S.W.3d',
  'Cal. Rptr. 2d',
  "F. App'x",
];

function volumeReport(draw: Draw): MadeCitation {
  const reporter = draw.pick(US_REPORTERS);
  const [volume, page] = [`${draw.between(11, 999)}`, `${draw.between(11, 1899)}`];
  const year = `${draw.between(1950, 2021)}`;
  const text = `${volume} ${reporter} ${page}${draw.chance(0.5) ? ` (${year})` : ''}`;
  const others = [
    reporter.replace(/ /g, ''),
    reporter.replace(/\.(?=\S)/g, '. '),
    reporter.replace(/2d/, '2nd').replace(/3d/, '3rd'),
    reporter === 'S. Ct.' ? 'Sup. Ct.' : reporter,
    reporter.length > 4 || /\d|U/.test(reporter) ? reporter.replace(/[.']/g, '') : reporter,
    reporter.replace("'", '’'),
  ];
  const respelled = looseSpaces(draw, text.replace(reporter, draw.pick(others)));
  return {
    text,
    respelled,
    fake: withOtherDigit(draw, text.replace(reporter, '#'), 0, volume.length + page.length + 4).replace('#', reporter),
  };
}

function yearReport(draw: Draw): MadeCitation {
  const [volume, page, year] = [`${draw.between(1, 3)}`, `${draw.between(11, 999)}`, `${draw.between(1911, 2019)}`];
  const reporter = draw.pick(['AC', 'QB', 'WLR', 'All ER', 'ICR', "Lloyd's Rep", 'Cr App R']);
  const text = `[${year}] ${reporter === 'AC' || reporter === 'QB' ? '' : `${volume} `}${reporter} ${page}`;
  const dotted = reporter.replace(/(?<=[A-Z])(?=[A-Z])|(?<=[A-Z])$/g, '.');
  const respelled = draw.pick([
    text.replace(reporter, dotted),
    text.replace('[', '(').replace(']', ')'),
    looseSpaces(draw, text),
    text.replace("'", '’').replace('] ', ']'),
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text) };
}

function journal(draw: Draw): MadeCitation {
  const page = `${draw.between(111, 3999)}`;
  const text = draw.chance(0.5)
    ? `${draw.pick(['NJW', 'NJW-RR', 'NVwZ', 'NZA', 'GRUR', 'MDR', 'VersR'])} ${draw.between(1985, 2022)}, ${page}`
    : `${draw.pick(['BGHZ', 'BGHSt', 'BVerfGE', 'BVerwGE', 'BAGE'])} ${draw.between(11, 225)}, ${draw.between(11, 450)}`;
  const respelled = draw.pick([
    looseSpaces(draw, text),
    anyDash(draw, text),
    text.replace(', ', ','),
    `${text} f.`,
    `${text} (${draw.between(11, 99)})`,
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text) };
}

function neutral(draw: Draw): MadeCitation {
  const [year, number] = [`${draw.between(2001, 2023)}`, `${draw.between(11, 3400)}`];
  const court = draw.pick(['UKSC', 'UKHL', 'EWCA Civ', 'EWCA Crim', 'EWHC', 'HCA', 'NSWCA', 'IEHC', 'NZSC']);
  const text = `[${year}] ${court} ${number}${court === 'EWHC' && draw.chance(0.5) ? ' (Admin)' : ''}`;
  const respelled = draw.pick([
    text.replace('[', '(').replace(']', ')'),
    looseSpaces(draw, text),
    text.replace(/ \(Admin\)/, ''),
    text.replace('] ', ']'),
    text.toLowerCase(),
    `${year} ${court} ${number}`,
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text) };
}

function ecli(draw: Draw): MadeCitation {
  const text = draw.chance(0.5)
    ? `ECLI:EU:C:${draw.between(2001, 2022)}:${draw.between(11, 999)}`
    : `ECLI:DE:BGH:${draw.between(2001, 2022)}:${draw.between(10, 28)}0${draw.between(1, 9)}${draw.between(11, 22)}UVIZR${draw.between(11, 399)}.${draw.between(11, 22)}.0`;
  const respelled = draw.pick([
    text.toLowerCase(),
    text.replace(/:/g, ': '),
    text.startsWith('ECLI:EU') ? text.slice(5) : text,
    `${text}.`,
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text, 'ECLI:EU'.length) };
}

function fileNumber(draw: Draw): MadeCitation {
  const year = `${draw.between(11, 23)}`;
  const text = draw.pick([
    `${draw.pick(['IV', 'VI', 'XII', 'IX', 'III'])} ZR ${draw.between(11, 399)}/${year}`,
    `${draw.between(1, 2)} BvR ${draw.between(111, 2999)}/${year}`,
    `${draw.between(1, 5)} StR ${draw.between(11, 699)}/${year}`,
    `${draw.between(1, 9)} AZR ${draw.between(11, 899)}/${year}`,
    `C-${draw.between(11, 799)}/${year}`,
    `No. ${year}-${draw.between(111, 1599)}`,
  ]);
  const respelled = draw.pick([
    looseSpaces(draw, text),
    anyDash(draw, text),
    text.replace(/(?<=[A-Z]) (?=\d)/, '\u00a0'),
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text) };
}

function statute(draw: Draw): MadeCitation {
  const [section, part] = [`${draw.between(11, 999)}`, `${draw.between(2, 5)}`];
  const [title, year] = [`${draw.between(11, 49)}`, `${draw.between(1950, 2019)}`];
  const code = draw.pick(['BGB', 'StGB', 'ZPO', 'HGB', 'StPO', 'UrhG']);
  const roman = ['', 'I', 'II', 'III', 'IV', 'V'][Number(part)] ?? '';
  const act = draw.pick([
    'Misrepresentation Act',
    'Consumer Rights Act',
    'Unfair Contract Terms Act',
    'Data Protection Act',
    'Occupiers Liability Act',
  ]);
  const [text, ...spellings] = draw.pick([
    [`§ ${section} ${code}`, `§${section} ${code}`, `§\u00a0${section}\u00a0${code}`, `§ ${section} des ${code}`],
    [
      `§ ${section} Abs. ${part} ${code}`,
      `§ ${section} ${roman} ${code}`,
      `§ ${section}(${part}) ${code}`,
      `§ ${section} Absatz ${part} ${code}`,
      `§ ${section} ${code}`,
    ],
    [
      `${title} U.S.C. § ${section}`,
      `${title} USC ${section}`,
      `${title} U.S.C. Sec. ${section}`,
      `${title} U. S. C. §${section}`,
      `${title} U.S.C.A. § ${section}`,
    ],
    [
      `${title} C.F.R. § ${section}.${part}`,
      `${title} CFR ${section}.${part}`,
      `${title} C.F.R. section ${section}.${part}`,
    ],
    [
      `Art. ${section} Abs. ${part} DSGVO`,
      `Article ${section}(${part}) GDPR`,
      `Art. ${section}(${part}) of the GDPR`,
      `Artikel ${section} Abs. ${part} DS-GVO`,
    ],
    [`${act} ${year}`, `${act}, ${year}`, `${act} of ${year}`, `${act} (${year})`],
  ]);
  return { text: text ?? '', respelled: draw.pick(spellings), fake: withOtherDigit(draw, text ?? '') };
}

function doi(draw: Draw): MadeCitation {
  const id = `10.${draw.between(1001, 9899)}/${draw.pick(['s', 'j.cell.', 'nature', 'jmlr.', 'annurev-', 'PRL.'])}${draw.between(11111, 99999)}-${draw.between(111, 999)}`;
  const text = draw.pick([`doi:${id}`, `https://doi.org/${id}`]);
  const respelled = draw.pick([
    `https://doi.org/${id}`,
    `http://dx.doi.org/${id}`,
    `DOI: ${id}`,
    `doi.org/${id.toUpperCase()}`,
    `[the paper](https://doi.org/${id})`,
    `https://doi.org/${id.replace('/', '%2F')}`,
    anyDash(draw, `doi:${id}`),
    `<https://doi.org/${id}>`,
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text, text.indexOf('10.') + 3) };
}

function arxiv(draw: Draw): MadeCitation {
  const id = `${draw.between(11, 23)}${draw.pick(['01', '03', '06', '10', '12'])}.${draw.between(11111, 19999)}`;
  const text = `arXiv:${id}${draw.pick(['', '', 'v2'])}`;
  const respelled = draw.pick([
    `arXiv ${id}`,
    `https://arxiv.org/abs/${id}`,
    `arxiv.org/pdf/${id}.pdf`,
    `ARXIV:${id}`,
    `arXiv preprint arXiv:${id}`,
    `[preprint](https://arxiv.org/abs/${id})`,
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text, 6, 6 + id.length) };
}

function pmid(draw: Draw): MadeCitation {
  const id = `${draw.between(11111111, 39999999)}`;
  const text = `PMID: ${id}`;
  return {
    text,
    respelled: draw.pick([
      `PMID ${id}`,
      `PMID:${id}`,
      `https://pubmed.ncbi.nlm.nih.gov/${id}/`,
      `pubmed.ncbi.nlm.nih.gov/${id}`,
      `PubMed ID ${id}`,
      `pmid:\u00a0${id}`,
    ]),
    fake: withOtherDigit(draw, text),
  };
}

function url(draw: Draw): MadeCitation {
  const host = draw.pick(['example.org', 'data.example.com', 'stats.example.net', 'archive.example.edu']);
  const path = `${draw.pick(['reports', 'news', 'docs/guide', 'research'])}/${draw.between(2001, 2024)}/${draw.pick(['water-quality', 'annual-review', 'rail_traffic', 'heat-pumps'])}-${draw.between(11, 999)}`;
  const text = `https://${draw.pick(['', 'www.'])}${host}/${path}`;
  const bare = `${host}/${path}`;
  const respelled = draw.pick([
    `https://${bare}/`,
    `http://www.${bare}`,
    `www.${bare}`,
    bare,
    `https://${host.toUpperCase()}/${path}`,
    `[the report](https://${bare})`,
    `<https://${bare}>`,
    `https://${bare}#findings`,
    `https://${bare}?utm_source=chat`,
  ]);
  return { text, respelled, fake: withOtherDigit(draw, text) };
}

/** The forms that are cited by what they are called. Markers and quotations need their documents: `corpus.ts`. */
export const CITATION_FORMS: Readonly<Record<string, (draw: Draw) => MadeCitation>> = {
  'case names': caseName,
  'reports by volume': volumeReport,
  'reports by year': yearReport,
  'German reports': journal,
  'neutral citations': neutral,
  ECLI: ecli,
  'file numbers': fileNumber,
  statutes: statute,
  DOI: doi,
  arXiv: arxiv,
  PMID: pmid,
  URL: url,
};
