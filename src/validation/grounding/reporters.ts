/** Law reports cited as `volume name page`: as they are written, parted by `;`. Dots and spaces may be missing, `2d` may be `2nd`. */
const VOLUME_REPORTERS = `
U.S.; S. Ct.; L. Ed.; L. Ed. 2d; F.; F.2d; F.3d; F.4th; F. App'x; F. Supp.; F. Supp. 2d; F. Supp. 3d; F.R.D.; B.R.; Fed. Cl.; Ct. Cl.; Cl. Ct.; T.C.; T.C.M.; Vet. App.; M.J.;
A.; A.2d; A.3d; P.; P.2d; P.3d; N.E.; N.E.2d; N.E.3d; N.W.; N.W.2d; N.W.3d; S.E.; S.E.2d; S.W.; S.W.2d; S.W.3d; So.; So. 2d; So. 3d;
Cal.; Cal. 2d; Cal. 3d; Cal. 4th; Cal. 5th; Cal. App.; Cal. App. 2d; Cal. App. 3d; Cal. App. 4th; Cal. App. 5th; Cal. Rptr.; Cal. Rptr. 2d; Cal. Rptr. 3d;
N.Y.; N.Y.2d; N.Y.3d; N.Y.S.; N.Y.S.2d; N.Y.S.3d; A.D.; A.D.2d; A.D.3d; Misc.; Misc. 2d; Misc. 3d; Ill.; Ill. 2d; Ill. App.; Ill. App. 2d; Ill. App. 3d; Ill. Dec.;
Ohio St.; Ohio St. 2d; Ohio St. 3d; Mass.; Mass. App. Ct.; Pa. Super.; N.J.; N.J. Super.; Mich.; Mich. App.; Wis.; Wis. 2d; Wash.; Wash. 2d; Wash. App.; Tex.; Va. App.; Ga. App.; N.C.; N.C. App.;
Md. App.; Conn.; Conn. App.; Minn.; Kan.; Kan. App. 2d; Or. App.; Colo.; Ariz.; Nev.; Neb.; I. & N. Dec.; How.; Wall.; Cranch; Wheat.; Pet.; Dall.; WL; U.S. LEXIS; U.S. App. LEXIS; U.S. Dist. LEXIS;
CLR; ALR; ALJR; NSWLR; SASR; FCR; NZLR; SCR; S.C.R.; DLR; DLR (2d); DLR (3d); DLR (4th); OR (2d); OR (3d); WWR; SLR; SLR (R); HKLRD; HKC; ER; E.R.; IR; ILRM; BHRR; EHRR; CMLR; ECR; LGR; P. & C.R.; Ex; St Tr; LT; TLR; QBD`;
/** Law reports cited by their year, `[1932] AC 562`, with a volume or without. */
const YEAR_REPORTERS = `
AC; App Cas; QB; KB; Ch; Ch App; Ch D; Fam; P; WLR; All ER; All ER (D); All ER (Comm); All ER (EC); Lloyd's Rep; Cr App R; Cr App R (S); BCLC; BCC; ICR; IRLR; FLR; EGLR; EG; RPC; FSR; EMLR; STC; PIQR; Med LR; JLR; WN;
Ex D`;
/** Law reports and journals cited as `NJW 2010, 1234` or `BGHZ 123, 45`. */
const NAME_FIRST_REPORTERS = `
BGHZ; BGHSt; BVerfGE; BVerfGK; BVerwGE; BAGE; BSGE; BFHE; RGZ; RGSt; NJW; NJW-RR; NVwZ; NVwZ-RR; NStZ; NStZ-RR; NZA; NZA-RR; NZI; NZG; NZM; NZBau; NZS; NZV; GRUR; GRUR-RR; GRUR Int; GRUR-Prax; MMR; ZUM; ZUM-RD; ZIP; WM; DB; BB;
MDR; JZ; JuS; JA; JR; VersR; FamRZ; DÖV; DVBl; EuZW; EuGRZ; EuR; CR; K&R; StV; wistra; WuM; ZMR; BauR; DStR; BStBl; AP; EzA; BeckRS; ZD; RIW; IPRax; WRP; ZfBR; AG; GmbHR`;

/** Spellings that more than dots and spaces part from the one above. */
const SYNONYMS: Readonly<Record<string, string>> = {
  'Sup. Ct.': 'S. Ct.',
  'S.Ct.Rptr.': 'S. Ct.',
  'L. Ed. 2nd': 'L. Ed. 2d',
  'Fed. Appx.': "F. App'x",
  "Fed. App'x": "F. App'x",
  'F. Appx.': "F. App'x",
  'Fed. Supp.': 'F. Supp.',
  'Fed. Supp. 2d': 'F. Supp. 2d',
  'Fed. 2d': 'F.2d',
  'Fed. 3d': 'F.3d',
  'Fed.': 'F.',
  'F. Sup.': 'F. Supp.',
  'Cal. Reptr.': 'Cal. Rptr.',
  'Misc. Rep.': 'Misc.',
  Westlaw: 'WL',
  Exch: 'Ex',
  "Lloyds' Rep": "Lloyd's Rep",
  "Lloyd's Law Rep": "Lloyd's Rep",
  'Cr. App. Rep.': 'Cr App R',
};

function namesIn(table: string): readonly string[] {
  return table
    .split(';')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Dots, spaces and apostrophes as they may be, and series as any, `2d` or `2nd`: one that does not exist is a citation too. */
function looseSource(name: string): string {
  return name
    .replace(/\.?\s+/g, ' ')
    .replace(/[.']+(?=.)/g, (marks) => (marks === "'" ? "'?" : ' '))
    .replace(/[()]/g, (sign) => `\\${sign}`)
    .replace(/\d(?:d|th)/g, '\\d(?:d|nd|rd|th)')
    .replace(/\.$/, '')
    .replace(/(?<=\p{Lu})(?=\p{Lu})/gu, '\\.?\\s?')
    .replace(/ /g, '\\.?\\s*')
    .concat('\\.?');
}

/** The one name of each spelling, by what is left of it without dots and spaces. */
const CANONICAL: ReadonlyMap<string, string> = new Map([
  ...[VOLUME_REPORTERS, YEAR_REPORTERS, NAME_FIRST_REPORTERS]
    .flatMap(namesIn)
    .map((name) => [key(name), key(name)] as const),
  ...Object.entries(SYNONYMS).map(([spelling, name]) => [key(spelling), key(name)] as const),
]);

function key(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9äöü]/g, '')
    .replace(/(2)n(d)|(3)r(d)/g, '$1$2$3$4');
}

function alternatives(names: readonly string[]): string {
  return names
    .toSorted((one, other) => other.length - one.length)
    .map(looseSource)
    .join('|');
}

/** Source of a pattern: every report cited by volume, however it is written. */
export const VOLUME_REPORTER = alternatives([...namesIn(VOLUME_REPORTERS), ...Object.keys(SYNONYMS)]);
/** The same of those that may stand after a year in brackets, which are all. */
export const BRACKET_REPORTER = alternatives([
  ...new Set([...namesIn(YEAR_REPORTERS), ...namesIn(VOLUME_REPORTERS), ...Object.keys(SYNONYMS)]),
]);
/** The same of those whose name comes first. */
export const NAME_FIRST_REPORTER = alternatives(namesIn(NAME_FIRST_REPORTERS));

/** The one name of a report as a text has it. */
export function canonicalReporter(written: string): string {
  const short = key(written);
  return CANONICAL.get(short) ?? short;
}

/** Whether what stands between two numbers is a report and no word: short names have dots, a series, capitals alone or several words with one. */
export function looksLikeReporter(written: string): boolean {
  const letters = written.replace(/[^\p{L}]/gu, '');
  const dots = written.split('.').length - 1;
  if (letters === letters.toLowerCase()) return dots >= 2 || /\d/.test(written) || (dots === 1 && letters.length >= 4);
  if (letters.length > 4 || /\d/.test(written)) return true;
  if (letters.length === 1) return dots > 0;
  return dots > 0 || letters === letters.toUpperCase() || /^\p{Lu}\p{L}*(?:\s+\p{Lu}\p{L}*)+$/u.test(written);
}
