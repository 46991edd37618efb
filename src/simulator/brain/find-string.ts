import { type JsonObject, numberMember, stringMember } from '../../core/json.ts';
import { linearPattern, type LinearPattern } from '../../core/linear-pattern.ts';
import type { Fact, Facts } from './facts.ts';
import { type Field, type FillSource, type Filled, isNamed, speaksOf } from './field.ts';
import { textMatching } from './pattern.ts';
import { asSentence, keywordsOf, sentencesOf, stemsOf } from './text.ts';

const PROSE =
  'summary answer text content response message reply explanation reason reasoning rationale description conclusion abstract overview analysis comment notes note';
const ORGANISATION =
  'vendor supplier seller company organisation organization employer merchant store shop issuer brand institution bank manufacturer';
const PERSON =
  'name author person customer client employee buyer contact recipient sender patient user owner signatory attendee winner speaker judge';
const PLACE = 'city location place country town address destination origin region venue state capital';
const DATE = 'date day when due deadline issued birthday birth start end until since expires delivered';
const IDENTIFIER = 'number no id identifier reference ref code invoice order sku ticket case';
const ORGANISATION_NAME =
  /\b(?:Inc|Ltd|GmbH|AG|Corp|LLC|Co|SA|BV|plc|Company|University|Bank|Group|Institute|Supplies|Logistics|Foods|Works)\b/;

/** Strings of the text that the field could mean, the likeliest first. */
export function candidateStrings(field: Field, source: FillSource): readonly string[] {
  const { facts } = source;
  const direct = [...labelledValues(field, facts), ...byKind(field, facts)];
  if (direct.length > 0) return direct;
  const stated = statedValue(field, facts);
  if (stated !== null) return [stated];
  if (isNamed(field, 'title subject headline heading topic'))
    return [titleOf(facts.text)].filter((title) => title !== '');
  if (speaksOf(field, PROSE)) return [source.prose(2)].filter((prose) => prose !== '');
  return [];
}

/** The string of the text that the field asks for, of the format, pattern and length it must have. */
export function findString(field: Field, source: FillSource): Filled<string> {
  const { schema } = field;
  const format = stringMember(schema, 'format');
  const formatted = format === null ? null : formattedValue(format, source.facts);
  const candidates = formatted === null ? candidateStrings(field, source) : formatted.found ? [formatted.value] : [];
  for (const candidate of candidates) {
    const value = fitted(candidate, schema);
    if (value !== null) return { value, found: true };
  }
  const pattern = stringMember(schema, 'pattern');
  if (pattern !== null) return patternValue(pattern, schema, source.facts);
  return { value: fitted(formatted?.value ?? '', schema) ?? '', found: false };
}

function labelledValues(field: Field, facts: Facts): readonly string[] {
  const wanted = stemsOf(field.name);
  return facts.labelled
    .filter((fact) => stemsOf(fact.label).some((stem) => wanted.includes(stem)))
    .map((fact) => fact.text.replace(/[.,]$/, ''));
}

function byKind(field: Field, facts: Facts): readonly string[] {
  const texts = (found: readonly Fact[]): readonly string[] => found.map((fact) => fact.text);
  if (isNamed(field, 'email mail')) return texts(facts.emails);
  if (isNamed(field, 'url website link homepage uri')) return texts(facts.urls);
  if (isNamed(field, 'phone telephone tel mobile')) return texts(facts.phones);
  if (isNamed(field, 'currency'))
    return facts.numbers.flatMap((number) => (number.currency === null ? [] : [number.currency]));
  if (isNamed(field, 'time hour')) return texts(facts.times);
  if (isNamed(field, DATE))
    return facts.dates.map((date) => (/iso|yyyy/i.test(field.description) ? date.iso : date.text));
  if (isNamed(field, IDENTIFIER)) return identifiers(field, facts);
  if (isNamed(field, 'item product article goods'))
    return facts.numbers.flatMap((number) =>
      number.counted === null || number.currency !== null ? [] : [number.counted],
    );
  if (isNamed(field, ORGANISATION)) return organisations(facts);
  if (isNamed(field, PLACE)) return places(field, facts);
  if (isNamed(field, PERSON)) return people(field, facts);
  if (isNamed(field, 'total amount price'))
    return facts.numbers.flatMap((number) => (number.currency === null ? [] : [number.text]));
  if (isNamed(field, 'quote quotation')) return texts(facts.quoted);
  return [];
}

function identifiers(field: Field, facts: Facts): readonly string[] {
  const own = facts.identifiers.filter((fact) => isNamed(field, fact.label));
  return (own.length > 0 ? own : facts.identifiers).map((fact) => fact.text);
}

function organisations(facts: Facts): readonly string[] {
  const named = facts.names.filter((name) => ORGANISATION_NAME.test(name.text));
  const placed = facts.names.filter((name) => /\b(?:from|at|by|with)\s+$/i.test(facts.text.slice(0, name.at)));
  return [...named, ...placed].map((name) => name.text);
}

function places(field: Field, facts: Facts): readonly string[] {
  const preceded = (pattern: RegExp): readonly string[] =>
    facts.names.filter((name) => pattern.test(facts.text.slice(0, name.at))).map((name) => name.text);
  if (isNamed(field, 'destination to arrival')) return preceded(/\bto\s+$/i);
  if (isNamed(field, 'origin from departure')) return preceded(/\bfrom\s+$/i);
  const placed = preceded(/\b(?:in|at|near|to|from|for|of)\s+(?:the\s+)?$/i);
  return placed.length > 0
    ? placed
    : facts.names.filter((name) => !ORGANISATION_NAME.test(name.text)).map((name) => name.text);
}

function people(field: Field, facts: Facts): readonly string[] {
  const persons = facts.names.filter((name) => !ORGANISATION_NAME.test(name.text)).map((name) => name.text);
  if (isNamed(field, 'first given')) return persons.map((person) => person.split(' ')[0] ?? person);
  if (isNamed(field, 'last family surname')) return persons.map((person) => person.split(' ').at(-1) ?? person);
  const full = persons.toSorted((left, right) => Number(right.includes(' ')) - Number(left.includes(' ')));
  return full.length > 0 ? full : organisations(facts);
}

/** What the text says of the field by its name: `colour is red`, `size "large"`. */
function statedValue(field: Field, facts: Facts): string | null {
  for (const word of field.words.filter((name) => name.length > 2)) {
    const pattern = new RegExp(
      `\\b${word}s?\\b\\s*(?:(?:is|are|was|were|of)\\s+|[:=]\\s*)["“]?([\\p{L}\\p{N}][^.,;\\n"”]{0,80})`,
      'iu',
    );
    const value = pattern.exec(facts.text)?.[1];
    if (value !== undefined) return value.trim();
  }
  return null;
}

function titleOf(text: string): string {
  const first = sentencesOf(text)[0] ?? '';
  const words = first
    .replace(/[.!?:]+$/, '')
    .split(/\s+/)
    .slice(0, 8)
    .join(' ');
  return asSentence(words).replace(/\.$/, '');
}

function formattedValue(format: string, facts: Facts): Filled<string> {
  const first = (found: readonly string[], otherwise: string): Filled<string> => ({
    value: found[0] ?? otherwise,
    found: found.length > 0,
  });
  const times = facts.times.map(
    (time) => `${time.text.padStart(5, '0')}${/^\d+:\d+:\d+$/.test(time.text) ? '' : ':00'}Z`,
  );
  switch (format) {
    case 'date':
      return first(
        facts.dates.map((date) => date.iso),
        '1970-01-01',
      );
    case 'date-time':
      return first(
        facts.dates.map((date) => `${date.iso}T${times[0] ?? '00:00:00Z'}`),
        '1970-01-01T00:00:00Z',
      );
    case 'time':
      return first(times, '00:00:00Z');
    case 'email':
    case 'idn-email':
      return first(
        facts.emails.map((email) => email.text),
        'unknown@example.com',
      );
    case 'uri':
    case 'url':
    case 'iri':
      return first(
        facts.urls.map((url) => url.text),
        'https://example.com/',
      );
    default:
      return { value: FORMAT_SAMPLES[format] ?? '', found: false };
  }
}

const FORMAT_SAMPLES: Readonly<Record<string, string>> = {
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '0.0.0.0',
  ipv6: '::',
  hostname: 'example.com',
  duration: 'P0D',
  'uri-reference': '/',
};

function patternValue(pattern: string, schema: JsonObject, facts: Facts): Filled<string> {
  const expression = safeExpression(pattern);
  const inText = facts.text
    .match(/[^\s,;:"'()]+/g)
    ?.find(
      (word) =>
        expression?.test(word.replace(/[.!?]$/, '')) === true && fitted(word.replace(/[.!?]$/, ''), schema) !== null,
    );
  if (inText !== undefined) return { value: inText.replace(/[.!?]$/, ''), found: true };
  return { value: textMatching(pattern) ?? '', found: false };
}

/** A text is filled up to so many characters, whatever a schema asks for. */
const MOST_FILLED = 10_000;

/** The value cut or filled to the length the schema asks for; `null` when it cannot have the pattern. */
function fitted(value: string, schema: JsonObject): string | null {
  const shortest = Math.min(numberMember(schema, 'minLength') ?? 0, MOST_FILLED);
  const longest = numberMember(schema, 'maxLength') ?? Number.POSITIVE_INFINITY;
  const characters = Array.from(value);
  const sized =
    characters.length > longest
      ? characters.slice(0, longest).join('')
      : value.padEnd(value.length + shortest - characters.length, 'n/a ');
  const pattern = stringMember(schema, 'pattern');
  const expression = pattern === null ? null : safeExpression(pattern);
  return expression === null || expression.test(sized) ? sized : null;
}

/** The pattern; `null` for one that is none, or that could run away. */
function safeExpression(pattern: string): LinearPattern | null {
  try {
    return linearPattern(pattern);
  } catch {
    return null;
  }
}

/** Lists the field could mean, for arrays of strings: everything of the kind it names. */
export function listedStrings(field: Field, source: FillSource): readonly string[] {
  const { facts } = source;
  if (isNamed(field, 'keyword tag topic theme label')) return keywordsOf(facts.text).slice(0, 5);
  if (isNamed(field, 'sentence point highlight bullet finding takeaway fact claim step action')) {
    return sentencesOf(facts.text).slice(0, 4);
  }
  const labelled = labelledValues(field, facts).flatMap((value) => value.split(/\s*(?:,|;|\band\b)\s*/));
  const found = labelled.length > 0 ? labelled : candidateStrings(field, source);
  return [...new Set(found)];
}
