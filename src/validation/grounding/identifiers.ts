import type { CitationKind, Reference } from './reference.ts';
import { SpanSet } from './span-set.ts';

const DOI =
  /(?<![\p{L}\p{N}.])(?:https?:\/\/)?(?:(?:dx\.|www\.)?doi\.org\/|doi\s*[:=]?\s*(?=\d))?((?:10|(?<=doi[^\d\n]{1,7})\d{2})\.\d{4,9}(?:\.\d+)*(?:\/|%2F)[^\s"<>|{}^]{1,200})/giu;
const ARXIV =
  /(?<![\p{L}\p{N}])(?:(?:https?:\/\/)?(?:www\.|export\.)?arxiv\.org\/(?:abs|pdf|html)\/|arxiv\s*[:.]?\s*(?:preprint\s*)?(?:arxiv\s*[:.]?\s*)?)((?:\d{4}\.\d{4,5}|[a-z]{2,9}(?:-[a-z]{2,4})?(?:\.[a-z]{2})?\/\d{7}))(?:v(\d{1,2}))?(?:\.pdf)?(?![\p{L}\d])/giu;
/** Numbers from before 2007, whose archive says what they are: `hep-th/9711200`. */
const OLD_ARXIV =
  /(?<![\p{L}\p{N}/.:-])((?:astro-ph|cond-mat|gr-qc|hep-(?:ex|lat|ph|th)|math-ph|nucl-(?:ex|th)|quant-ph|math|cs|physics|q-bio)(?:\.[A-Z]{2})?\/\d{7})(?:v(\d{1,2}))?(?![\p{L}\d])/gu;
const PMID =
  /(?<![\p{L}\p{N}])(?:(?:https?:\/\/)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov\/|ncbi\.nlm\.nih\.gov\/pubmed\/)|(?:pubmed\s*id|pmid|pubmed)\s*[:#]?\s*)(\d{1,9})(?![\p{L}\d])\/?/giu;
const PMCID =
  /(?<![\p{L}\p{N}])(?:(?:https?:\/\/)?(?:www\.)?(?:ncbi\.nlm\.nih\.gov\/pmc\/articles\/|pmc\.ncbi\.nlm\.nih\.gov\/articles\/)|pmcid\s*:?\s*)?PMC\s?(\d{4,9})(?![\p{L}\d])\/?/giu;
/** Endings that a host without `http` or `www` must have, besides a path. */
const KNOWN_ENDINGS =
  'com|org|net|edu|gov|int|info|io|dev|ai|eu|de|uk|fr|es|it|nl|be|at|ch|se|dk|no|fi|pl|ie|pt|us|ca|au|nz|jp|cn|in|br|za';
const URL = new RegExp(
  `(?<![\\p{L}\\p{N}@.])(?:https?:\\/\\/|www\\.)[^\\s"<>|{}^]{3,2000}|(?<![\\p{L}\\p{N}@./-])(?:[a-z0-9-]{1,63}\\.){1,4}(?:${KNOWN_ENDINGS})\\/[^\\s"<>|{}^]{1,2000}`,
  'giu',
);

/** DOIs, arXiv and PubMed numbers, and addresses on the web, each with or without the address in front of it. */
export function identifiers(text: string): readonly Reference[] {
  const found = [
    ...[...text.matchAll(DOI)].map((match) => doi(match)),
    ...[...text.matchAll(ARXIV), ...text.matchAll(OLD_ARXIV)].map((match) => {
      const [whole, id = '', version] = match;
      return reference('arxiv', match.index, whole.length, id.toLowerCase(), version === undefined ? {} : { version });
    }),
    ...[...text.matchAll(PMID)].map((match) => reference('pmid', match.index, match[0].length, `${Number(match[1])}`)),
    ...[...text.matchAll(PMCID)].map((match) =>
      reference('pmid', match.index, match[0].length, `pmc${Number(match[1])}`),
    ),
  ];
  const addresses = [...text.matchAll(URL)].map((match) => {
    const address = withoutTrail(match[0]);
    return reference('url', match.index, address.length, addressKey(address));
  });
  const taken = new SpanSet(found);
  return [...found, ...addresses.filter((each) => !taken.overlaps(each))];
}

function reference(
  kind: CitationKind,
  start: number,
  length: number,
  id: string,
  details: Readonly<Record<string, string>> = {},
): Reference {
  return { kind, start, end: start + length, key: `${kind}:${id}`, details };
}

function doi(match: RegExpExecArray): Reference {
  const [whole, id = ''] = match;
  const bare = withoutTrail(id);
  const decoded = decode(bare).toLowerCase();
  return reference(
    'doi',
    match.index,
    whole.length - id.length + bare.length,
    decoded.replace(/[?#].*$/, '').replace(/\/$/, ''),
  );
}

/** Punctuation of the sentence around it, and brackets that were opened outside, do not belong to an address. */
function withoutTrail(address: string): string {
  let end = address.length;
  // How many more are closed than opened in what is kept.
  const surplus = new Map(
    ['()', '[]'].map(([opening = '', closing = '']) => [closing, count(address, closing) - count(address, opening)]),
  );
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    const unopened = surplus.get(last) ?? 0;
    if (unopened > 0) surplus.set(last, unopened - 1);
    else if (!/[.,;:!?'"»*_~]/.test(last)) break;
  }
  // A link of Markdown ends its text and begins its target: `](`.
  const link = address.slice(0, end).indexOf('](');
  return link < 0 ? address.slice(0, end) : address.slice(0, link);
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

/** Without the scheme, `www.`, the port that goes without saying, the fragment, what follows visitors about, and the last slash; in lower case. */
function addressKey(address: string): string {
  const [bare = ''] = address
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .split('#');
  const [path = '', query = ''] = bare.split('?', 2);
  const wanted = decode(query)
    .split('&')
    .filter((pair) => pair !== '' && !/^(?:utm_\w+|fbclid|gclid)(?:=|$)/.test(pair))
    .toSorted();
  const place = decode(path)
    .replace(/^([^/]+):(?:80|443)(?=\/|$)/, '$1')
    .replace(/\/+$/, '');
  return wanted.length === 0 ? place : `${place}?${wanted.join('&')}`;
}

function decode(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    return text;
  }
}
