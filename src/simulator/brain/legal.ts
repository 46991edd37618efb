import type { Style } from '../persona.ts';
import type { Random } from '../random.ts';
import { asSentence, overlap, sentencesOf, stemsOf } from './text.ts';

const PARTY = "\\p{Lu}[\\p{L}'’.&-]*(?:\\s+(?:of|the|and|&|\\p{Lu}[\\p{L}'’.&-]*))*";
const CASE_NAME = new RegExp(
  `${PARTY}\\s+v\\.?\\s+${PARTY}(?:,?\\s*[[(]\\d{4}[\\])](?:\\s+\\d*\\s?[A-Z]{2,5}\\s+\\d+)?|,\\s+\\d+\\s+[A-Z][\\w.]*(?:\\s?\\d?[a-z.]+)*\\s+\\d+(?:\\s*\\([^)]*\\))?)?`,
  'gu',
);
const PROVISION =
  /(?:§§?|\bArt(?:icles?|s?\.)|\bSections?|\bSec\.|\bClauses?|\bRules?)\s*\d+[a-z]?(?:\(\w+\))*(?:\s+(?:[A-Z]{2,6}|of the \p{Lu}[\p{L}]*(?:\s\p{Lu}[\p{L}]*)*))?/gu;
const MARKER = /\[\d{1,3}\]/g;
const LEGAL =
  /\b(?:legal(?:ly)?|law(?:s|ful|yer)?|court|statut\w+|clauses?|liab(?:le|ility)|tort|plaintiff|defendant|precedent|case law|negligen\w+|breach|damages|jurisdiction|contracts?|tenant|landlord|lease|sue|holding|cite|citations?|authorities)\b|§|\sv\.\s/i;
const INVENTED_PARTIES = [
  'Harwick',
  'Delmore',
  'Castellane',
  'Orbrook',
  'Tessingham',
  'Valdrake',
  'Pennoway',
  'Marchfield',
  'Osterley',
  'Quillen',
];
const INVENTED_COURTS = ['9th Cir. 2005', '2d Cir. 1998', '7th Cir. 2011', 'D.C. Cir. 2003'];

/** Whether the prompt is a question of law. */
export function isLegal(prompt: string): boolean {
  return (
    LEGAL.test(prompt) &&
    (/\?/.test(prompt) ||
      /\b(?:cite|citing|advise|analy[sz]e|opinion|memo|whether|explain|argue|answer|liab\w+)\b/i.test(prompt))
  );
}

/** The sources a text names: cases, provisions, numbered markers; each once, in order. */
export function sourcesIn(text: string): readonly string[] {
  const found = [CASE_NAME, PROVISION, MARKER].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({ text: match[0].trim(), at: match.index })),
  );
  return [...new Set(found.toSorted((left, right) => left.at - right.at).map((source) => withoutOpening(source.text)))];
}

function withoutOpening(source: string): string {
  return source.replace(/^(?:In|See|Under|The|And|But|As|Per)\s+(?=\p{Lu})/u, '');
}

/** An answer to a question of law that cites what the prompt supplies, and nothing else. */
export function answerLaw(question: string, material: string, style: Style): string {
  const wanted = new Set(stemsOf(question));
  const cited = sentencesOf(material)
    .filter((sentence) => sourcesIn(sentence).length > 0 && !sentence.endsWith('?'))
    .map((sentence, index) => ({ sentence, index, weight: overlap(sentence, wanted) }))
    .toSorted((left, right) => right.weight - left.weight)
    .slice(0, style.sentences);
  if (cited.length === 0) {
    const sources = sourcesIn(material);
    if (sources.length > 0)
      return `The question turns on ${sources.join(' and ')}, but the prompt does not say what ${sources.length > 1 ? 'they hold' : 'it holds'}, so no rule can be stated from it.`;
    return 'No source is supplied with this question, so none is cited. With the statute or the decisions in the prompt, an answer can rest on them.';
  }
  const statements = cited
    .toSorted((left, right) => left.index - right.index)
    .map((entry) => asSentence(entry.sentence));
  const sources = [...new Set(statements.flatMap(sourcesIn))];
  return `${style.opening}${statements.join(' ')} On the sources supplied (${sources.join('; ')}), that is the rule that governs the question.`;
}

/** A case that does not exist, in the form of one that does. */
export function inventCitation(random: Random): string {
  const first = random.pick(INVENTED_PARTIES);
  const second = random.pick(INVENTED_PARTIES.filter((party) => party !== first));
  return `${first} v. ${second} Shipping Co., ${200 + Math.floor(random.next() * 300)} F.3d ${100 + Math.floor(random.next() * 1200)} (${random.pick(INVENTED_COURTS)})`;
}
