import { CITATION_FORMS, withOtherDigit, withOtherLetter, type MadeCitation } from './citation-forms.ts';
import type { Draw } from './draw.ts';

/** An answer to be checked against texts, with one citation of a form in it that is told apart. */
export interface GroundingCase {
  readonly form: string;
  readonly context: readonly string[];
  readonly answer: string;
  /** Offsets of that citation in the answer. */
  readonly start: number;
  readonly end: number;
}

const FILLER = [
  'The parties exchanged pleadings over the following months, and neither side moved for summary judgment.',
  'The measurements were taken at four stations along the river, twice a day, from spring to late autumn.',
  'Counsel for the respondent conceded the point in oral argument, which narrows what remains in dispute.',
  'The authors report that the effect persists after adjustment for age, region and year of enrolment.',
  'Die Beklagte hat den Anspruch dem Grunde nach bestritten und hilfsweise die Aufrechnung erklärt.',
  'Passenger numbers rose in every quarter, while freight fell slightly against the previous year.',
  'Nothing in the record suggests that notice was given before the goods were loaded.',
  'A further round of interviews was carried out with staff of the participating clinics.',
];
const SOURCE_SENTENCES: Readonly<Record<string, readonly string[]>> = {
  law: [
    'The duty was first stated in {c}, and it has been applied ever since.',
    'The trial court relied on {c} when it dismissed the claim.',
    'Compare {c}, where the opposite result was reached on similar facts.',
    'Der Senat hält daran fest ({c}), dass es auf die Kenntnis nicht ankommt.',
    'Under {c} the burden lies with the party who asserts the exception.',
  ],
  science: [
    'The largest study so far found no difference between the groups ({c}).',
    'Methods and raw data are described elsewhere: {c}.',
    'An earlier report ({c}) had come to the same figure by another route.',
    'Full text: {c}.',
  ],
};
const ANSWER_SENTENCES: Readonly<Record<string, readonly string[]>> = {
  law: [
    'The rule comes from {c}.',
    'In {c}, the court drew the same line.',
    'This follows from {c} and needs no further proof.',
    'Maßgeblich ist insoweit {c}; daran ist festzuhalten.',
    'See {c}.',
  ],
  science: [
    'The finding is reported in {c}.',
    'Source: {c}',
    'That is what the data show ({c}).',
    'It was confirmed later, see {c}.',
  ],
};
const SCIENCE = new Set(['DOI', 'arXiv', 'PMID', 'URL']);
const genre = (form: string): string => (SCIENCE.has(form) ? 'science' : 'law');

/** A case in which everything is as the context has it, but one citation: another spelling (`respelled`), or one that does not exist (`fake`). */
export function groundingCase(draw: Draw, form: string, variant: 'respelled' | 'fake'): GroundingCase {
  if (form === 'markers') return markerCase(draw, variant);
  if (form === 'quotations') return quoteCase(draw, variant);
  const forms = Object.keys(CITATION_FORMS);
  const told = make(draw, form, variant);
  const others = Array.from({ length: draw.between(2, 6) }, () => draw.pick(forms)).map((each) => ({
    form: each,
    made: make(draw, each),
  }));
  const context = draw
    .shuffled([{ form, made: told }, ...others])
    .map(
      ({ form: each, made }) =>
        `${draw.pick(FILLER)} ${fill(draw.pick(SOURCE_SENTENCES[genre(each)] ?? []), made.text)} ${draw.pick(FILLER)}`,
    );
  const before = others
    .slice(0, draw.below(3))
    .map(({ form: each, made }) => fill(draw.pick(ANSWER_SENTENCES[genre(each)] ?? []), made.text));
  const sentence = draw.pick(ANSWER_SENTENCES[genre(form)] ?? []);
  return assemble(form, context, before, sentence, variant === 'fake' ? told.fake : told.respelled);
}

/** All forms, those of numbered sources and quotations included. */
export const GROUNDING_FORMS: readonly string[] = [...Object.keys(CITATION_FORMS), 'markers', 'quotations'];

/** Where the fake differs from the true one in digits or letters; one that does not would be no fake. */
function make(draw: Draw, form: string, variant?: 'respelled' | 'fake'): MadeCitation {
  const maker = CITATION_FORMS[form];
  if (maker === undefined) throw new Error(`no form ${form}`);
  const made = maker(draw);
  return variant === 'fake' && made.fake === made.text ? make(draw, form, variant) : made;
}

function fill(sentence: string, citation: string): string {
  // A full stop at the end of a name ends the sentence too.
  return sentence.replace(citation.endsWith('.') ? /\{c\}\.?/ : '{c}', () => citation);
}

function assemble(
  form: string,
  context: readonly string[],
  before: readonly string[],
  sentence: string,
  citation: string,
): GroundingCase {
  const opening = before.length === 0 ? '' : `${before.join(' ')} `;
  const start = opening.length + sentence.indexOf('{c}');
  return {
    form,
    context: [context.join('\n\n')],
    answer: opening + fill(sentence, citation),
    start,
    end: start + citation.length,
  };
}

const PASSAGES = [
  'The carrier is liable for loss of the goods from the time when it receives them until the time when it delivers them, unless it proves that the loss could not have been avoided.',
  'Concentrations of nitrate fell by 38 percent between 1994 and 2012, but they have not changed in any of the 17 wells that lie below farmland with winter crops.',
  'A party may not rely on a mistake that it could have noticed with ordinary care, even where the other side knew of it and kept silent until the contract was performed.',
  'Heat pumps that were installed before 2008 used on average a quarter more electricity than their makers had stated, mainly because the flow temperature was set too high.',
  'The committee recommends that every ward keep a list of the medicines given in the last 24 hours, signed by two members of staff and open to the patient on request.',
];

function quoteCase(draw: Draw, variant: 'respelled' | 'fake'): GroundingCase {
  const passages = draw.shuffled(PASSAGES).slice(0, 3);
  const passage = draw.pick(passages);
  const words = passage.replace(/\.$/, '').split(' ');
  const length = draw.between(7, Math.min(22, words.length));
  const from = draw.below(words.length - length + 1);
  const quoted = words
    .slice(from, from + length)
    .join(' ')
    .replace(/[,;]$/, '');
  const long = quoted
    .split(' ')
    .map((word) => word.replace(/\W/g, ''))
    .filter((word) => word.length >= 4 && !/\d/.test(word));
  const fake =
    /\d/.test(quoted) && draw.chance(0.5) ? withOtherDigit(draw, quoted) : withOtherLetter(draw, quoted, long);
  const spelled = variant === 'fake' ? fake : respelledQuote(draw, quoted, words, from, length);
  const [open, close] = draw.pick([
    ['"', '"'],
    ['“', '”'],
    ['„', '“'],
    ['«', '»'],
  ]);
  const context = passages.map((each) => `${draw.pick(FILLER)} ${each} ${draw.pick(FILLER)}`);
  return assemble(
    'quotations',
    context,
    [],
    draw.pick(['The source says {c}.', 'It is put this way: {c}', 'In its words, {c} is the rule.']),
    `${open}${spelled}${close}`,
  );
}

function respelledQuote(draw: Draw, quoted: string, words: readonly string[], from: number, length: number): string {
  const half = Math.floor(length / 2);
  return draw.pick([
    quoted,
    quoted.replace(/ /g, () => draw.pick([' ', ' ', '\u00a0', '\n'])),
    quoted.toUpperCase(),
    quoted.replace(/^[a-z]/, (letter) => `[${letter.toUpperCase()}]`),
    `${quoted}...`,
    `${words.slice(from, from + half - 1).join(' ')} … ${words.slice(from + half, from + length).join(' ')}`,
    quoted.replace(/,/g, ''),
    `*${quoted}*`,
  ]);
}

const SUBJECTS = [
  'The carrier answers for damaged goods during the voyage.',
  'Nitrate concentrations in groundwater wells fell after the reform.',
  'Heat pumps installed in older houses used more electricity.',
  'Railway passengers returned faster than freight customers did.',
  'Vaccination campaigns reached rural districts within two months.',
  'The museum restored twelve paintings from the flooded archive.',
];

function markerCase(draw: Draw, variant: 'respelled' | 'fake'): GroundingCase {
  const subjects = draw.shuffled(SUBJECTS).slice(0, 4);
  const style = draw.pick<(text: string, number: number) => string>([
    (text, number) => `[${number}] ${text}`,
    (text, number) => `<document index="${number}">\n${text}\n</document>`,
    (text, number) => `## Source ${number}\n${text}`,
    (text) => `<document>${text}</document>`,
    (text, number) => `${number}. ${text}`,
  ]);
  const context = subjects.map((subject, index) => style(`${subject} ${draw.pick(FILLER)}`, index + 1));
  const index = draw.below(subjects.length);
  const claim = (subjects[index] ?? '').replace(/\.$/, '');
  const number = index + 1;
  const wrong = draw.pick([
    5,
    6,
    9,
    12,
    40,
    ...subjects.map((_, other) => other + 1).filter((other) => other !== number),
  ]);
  const shown =
    variant === 'fake'
      ? `[${wrong}]`
      : draw.pick([`[${number}]`, `[^${number}]`, `【${number}】`, `[${number}, ${number}]`]);
  return assemble(
    'markers',
    context,
    [],
    draw.pick([`${claim} {c}.`, `${claim}.{c}`, `${claim}. {c}`, `${claim} {c}, which nobody disputes.`]),
    shown,
  );
}
