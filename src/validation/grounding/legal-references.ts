import {
  BRACKET_REPORTER,
  canonicalReporter,
  looksLikeReporter,
  NAME_FIRST_REPORTER,
  VOLUME_REPORTER,
} from './reporters.ts';
import { squash, type Reference } from './reference.ts';

/** `410 U.S. 113`, `410 U.S. at 120`, `5 U.S. (1 Cranch) 137` */
const BY_VOLUME = new RegExp(
  `(?<![\\p{L}\\p{N}.,-])(\\d{1,4})\\s+(${VOLUME_REPORTER}|(?:${BRACKET_REPORTER}))(?:\\s*\\(\\d{1,2}\\s[A-Z][\\w.]{2,12}\\))?\\s*,?\\s+(at\\s+)?(\\d{1,7})(?![\\p{L}\\d])`,
  'giu',
);
/** `[1932] AC 562`, `(1992) 175 CLR 1`, `[2001] 2 All ER 1` */
const BY_YEAR = new RegExp(
  `[[(](\\d{4})[\\])]\\s*,?\\s*(?:(\\d{1,3})\\s+)?(${BRACKET_REPORTER})\\s*(\\d{1,5})(?![\\p{L}\\d])`,
  'gu',
);
/** `BGHZ 123, 45`, `NJW 2010, 1234` */
const NAME_FIRST = new RegExp(
  `(?<![\\p{L}\\p{N}])(${NAME_FIRST_REPORTER})\\s+(\\d{1,4})\\s*(?:,|S\\.)\\s*(?:S\\.\\s*)?(\\d{1,6})(?![\\p{L}\\d])`,
  'gu',
);
/** `LR 3 HL 330` */
const OLD_LAW_REPORTS =
  /(?<![\p{L}\p{N}])L\.?\s?R\.?\s+(\d{1,2})\s+(H\.?\s?L\.?|Q\.?\s?B\.?|C\.?\s?P\.?|P\.?\s?C\.?|Ex\.?|Eq\.?|Ch\.?(?:\s?App\.?)?)\s+(\d{1,4})(?![\p{L}\d])/gu;
/** `BGE 123 III 456` */
const SWISS = /(?<![\p{L}\p{N}])(?:BGE|ATF|DTF)\s+(\d{1,3})\s+([IV]{1,3}[a-z]?)\s+(\d{1,4})(?![\p{L}\d])/gu;

const COURTS =
  'UKSC|UKHL|UKPC|EWCA\\s*(?:Civ|Crim)|EWHC|EWFC|EWCOP|EWCC|EAT|UKEAT|UKUT|UKFTT|UKIPTrib|CSIH|CSOH|HCJAC|SAC|NICA|NIQB|NICh|NIKB|IESC|IEHC|IECA|HCA|FCA|FCAFC|FamCA|NSWCA|NSWSC|NSWCCA|VSC|VSCA|QCA|QSC|WASC|WASCA|' +
  'SASC|SASCFC|TASSC|ACTSC|NTSC|NZSC|NZCA|NZHC|SCC|CSC|FC|CAF|ONCA|ONSC|BCCA|BCSC|ABCA|ABQB|ABKB|QCCA|QCCS|MBCA|SKCA|NSCA|NBCA|SGCA|SGHC|HKCFA|HKCA|HKCFI|ZACC|ZASCA|KESC|INSC';
/** `[2019] UKSC 12`, `[2003] EWHC 1377 (Admin)`, `2019 SCC 12` */
const NEUTRAL = new RegExp(
  `(?<![\\p{L}\\p{N}])[[(]?(\\d{4})[\\])]?\\s*,?\\s*(${COURTS})\\s*(?:No\\.?\\s*)?(\\d{1,5})(?![\\p{L}\\d])(?:\\s*[[(](\\p{L}{2,12})[\\])])?`,
  'giu',
);
/** `ECLI:EU:C:2020:559`, `EU:C:2020:559` */
const ECLI =
  /(?<![\p{L}\p{N}])(?:ECLI\s*:\s*([A-Z]{2})|(EU))\s*:\s*([A-Z0-9]{1,7})\s*:\s*(\d{4})\s*:\s*([A-Z0-9](?:[A-Z0-9.]{0,24}[A-Z0-9])?)(?![\p{L}\d])/giu;

/** File numbers of courts, whole. */
const FILE_NUMBERS: readonly RegExp[] = [
  // Germany: 1 BvR 357/05, VI ZR 252/19, 2 StR 100/20, X ZR (Ü) 1/20, 12 U 34/18, 8 AZR 26/18, B 1 KR 5/19 R
  /(?<![\p{L}\p{N}])\d\s+Bv[A-Z]\s*\d{1,5}\/\d{2}(?!\d)/gu,
  /(?<![\p{L}\p{N}])(?:[IVX]{1,5}[a-z]?|\d{1,3}[a-z]?)\s+(?:[A-Z]{1,3}|[A-Z][a-z]{1,2}[A-Z]?|AR\([A-Z]\))(?:\s*\(\p{L}{1,6}\))?\s*\d{1,5}\/\d{2}(?!\d)/gu,
  /(?<![\p{L}\p{N}])B\s+\d{1,2}\s+[A-Z]{1,3}\s+\d{1,5}\/\d{2}(?:\s+[BR])?(?![\p{L}\d])/gu,
  // Courts of the European Union: C-311/18, T-123/04 P
  /(?<![\p{L}\p{N}])[CTF]\s?-\s?\d{1,4}\/\d{2}(?:\s*-?\s*(?:PPU|RX|P|R))?(?![\p{L}\d])/gu,
  // European Court of Human Rights: no. 40660/08
  /(?<=(?<!\p{L})[Nn](?:os?|r)\.?\s{0,4})\d{3,6}\/\d{2}(?!\d)/gu,
  // United States: No. 19-1392, 1:20-cv-01234
  /(?<=(?<!\p{L})Nos?\.?\s{0,4})\d{2}-\d{1,5}(?![\p{L}\d])/gu,
  /(?<![\p{L}\p{N}])\d:\d{2}-(?:cv|cr|mc|md)-\d{3,6}(?!\d)/gu,
];

/** `4 C 12.19`, which is a file number where its court stands before it. */
const ADMINISTRATIVE = /(?<![\p{L}\p{N}])\d{1,2}\s+[A-Z]{1,2}\s+\d{1,4}\.\d{2}(?!\d)/gu;
const ADMINISTRATIVE_COURT = /BVerwG|Bundesverwaltungsgericht/;

/** Years that follow a citation by volume, behind pages: `, 120-22 (9th Cir. 1973)`. */
const YEAR_BEHIND = /^(?:,\s*\d{1,5}(?:-\d{1,5})?){0,3}\s*\((?:[^()]{0,40}[\s.])?(\d{4})\)/u;

/** Citations of decisions by where they are printed, or by their numbers; all but names. */
export function legalReferences(text: string): readonly Reference[] {
  return withoutParts([
    ...matches(text, BY_VOLUME, ([, volume = '', reporter = '', at, page = '']) =>
      byVolume(volume, reporter, at === undefined ? page : null),
    ).map((reference) => withYearBehind(reference, text)),
    ...matches(text, BY_YEAR, ([, year = '', volume, reporter = '', page = '']) => ({
      key: `report:${canonicalReporter(reporter)}:${Number(page)}`,
      details: { year, ...(volume === undefined ? {} : { volume: `${Number(volume)}` }) },
      sharing: ['year', 'volume'],
    })),
    ...matches(text, NAME_FIRST, ([, reporter = '', volume = '', page = '']) =>
      named(canonicalReporter(reporter), `${Number(volume)}:${Number(page)}`),
    ),
    ...matches(text, OLD_LAW_REPORTS, ([, volume = '', series = '', page = '']) =>
      named(`lr${squash(series)}`, `${Number(volume)}:${Number(page)}`),
    ),
    ...matches(text, SWISS, ([, volume = '', part = '', page = '']) => named('bge', `${volume}:${part}:${page}`)),
    ...matches(text, NEUTRAL, ([, year = '', court = '', number = '', division]) => ({
      key: `neutral:${year}:${squash(court)}:${Number(number)}`,
      details: division === undefined ? {} : { division: division.toLowerCase() },
    })),
    ...matches(text, ECLI, ([, country, eu = '', court = '', year = '', ordinal = '']) =>
      named('ecli', [country ?? eu, court, year, ordinal].join(':').toLowerCase()),
    ),
    ...FILE_NUMBERS.flatMap((pattern) =>
      matches(text, pattern, ([whole]) => named('file', whole.toLowerCase().replace(/\s/g, ''))),
    ),
    ...matches(text, ADMINISTRATIVE, ({ 0: whole, index }) => {
      const isNamed = ADMINISTRATIVE_COURT.test(text.slice(Math.max(0, index - 60), index));
      return isNamed ? named('file', whole.toLowerCase().replace(/\s/g, '')) : null;
    }),
  ]);
}

/** In their order, without those that are a part of another one: `1 WLR 327` of `[1969] 1 WLR 327`. */
function withoutParts(references: readonly Reference[]): readonly Reference[] {
  let end = 0;
  return references
    .toSorted((one, other) => one.start - other.start || other.end - one.end)
    .filter((reference) => {
      const isPart = reference.end <= end;
      end = Math.max(end, reference.end);
      return !isPart;
    });
}

type Identity = Pick<Reference, 'key' | 'widerKey' | 'details' | 'sharing'>;

function matches(
  text: string,
  pattern: RegExp,
  identify: (match: RegExpExecArray) => Identity | null,
): readonly Reference[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const identity = identify(match);
    const [whole] = match;
    return identity === null
      ? []
      : [{ kind: 'legal', start: match.index, end: match.index + whole.length, ...identity }];
  });
}

function withYearBehind(reference: Reference, text: string): Reference {
  const year = YEAR_BEHIND.exec(text.slice(reference.end, reference.end + 80))?.[1];
  return year === undefined ? reference : { ...reference, details: { ...reference.details, year } };
}

function named(series: string, number: string): Identity {
  return { key: `${series}:${number}`, details: {} };
}

/** `page`: the first one; `null`: one within, which says only which volume. */
function byVolume(volume: string, reporter: string, page: string | null): Identity | null {
  if (!looksLikeReporter(reporter)) return null;
  const series = canonicalReporter(reporter);
  const widerKey = `volume:${series}:${Number(volume)}`;
  if (page === null) return { key: widerKey, details: {} };
  const key = `report:${series}:${Number(page)}`;
  return { key, widerKey, details: { volume: `${Number(volume)}` }, sharing: ['year', 'volume'] };
}
