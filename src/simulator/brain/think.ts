import { type JsonObject, type JsonValue, isJsonObject, parseJson } from '../../core/json.ts';
import type { Encounter } from '../fault-board.ts';
import type { Style } from '../persona.ts';
import { type Question, type ReceivedImage, lastUserText, promptText } from '../question.ts';
import type { Random } from '../random.ts';
import type { Draft } from '../reply.ts';
import { converse, describeImages, tellFacts } from './converse.ts';
import { create, isCreative } from './create.ts';
import { findFacts } from './facts.ts';
import { answerLaw, inventCitation, isLegal } from './legal.ts';
import { malform } from './malform.ts';
import { objectOf } from './object.ts';
import { describedSchema, quotedSchema, withoutQuotedObjects } from './quoted-json.ts';
import { fillSchema } from './schema-fill.ts';
import { keySentences, summarize } from './summarize.ts';
import { keywordsOf, materialOf, sentencesOf } from './text.ts';
import { answerFromResults, chooseCalls, resultsText } from './tools.ts';

const CITATION_FIELD = /cit|source|case|authorit|precedent|answer|summary|text|holding|reason/i;

/** Writes the answer to a question in the hand of one model. The same question, style and random choices give the same answer. */
export function compose(
  question: Question,
  style: Style,
  random: Random,
  encounter: Pick<Encounter, 'invent' | 'malformed'>,
): Draft {
  const calls = chooseCalls(question, random);
  const written = calls.length > 0 ? '' : answerText(question, style, random);
  const invented = encounter.invent && written !== '' ? withInvention(written, style, inventCitation(random)) : written;
  return {
    reasoning: question.reasoning === 'none' ? '' : reason(question),
    text: encounter.malformed === null ? invented : malform(invented, encounter.malformed),
    calls,
  };
}

function answerText(question: Question, style: Style, random: Random): string {
  const schema = answerSchema(question);
  if (schema !== null) return toJson(fillSchema(schema, sourceOf(question, style, random)), style);
  const prompt = lastUserText(question);
  if (question.format.type === 'json_object' || asksForJson(prompt, question.system)) {
    return toJson(objectOf(findFacts(materialFor(question))), style);
  }
  if (question.turns.at(-1)?.role === 'tool') return answerFromResults(question);
  const images = imagesOf(question);
  const seen = images.length > 0 ? `${describeImages(images)} ` : '';
  return `${seen}${prose(question, prompt, style, random)}`.trim();
}

/** The schema the answer must have: the one asked for, else one quoted or described in the prompt; `null`: free text. */
function answerSchema(question: Question): JsonObject | null {
  if (question.format.type === 'json_schema') return question.format.schema;
  const quoted = quotedSchema(question.system) ?? quotedSchema(lastUserText(question));
  if (quoted !== null) return quoted;
  const isJson = question.format.type === 'json_object' || asksForJson(lastUserText(question), question.system);
  return isJson ? (describedSchema(question.system) ?? describedSchema(lastUserText(question))) : null;
}

function asksForJson(prompt: string, system: string): boolean {
  return [prompt, system].some(
    (text) => /\bjson\b/i.test(text) && !/\b(?:not|no|without|explain|what is)\s+(?:\w+\s+){0,2}json\b/i.test(text),
  );
}

function sourceOf(question: Question, style: Style, random: Random) {
  const material = materialFor(question);
  return {
    facts: findFacts(material),
    random,
    prose: (sentences: number) =>
      isLegal(material)
        ? answerLaw(lastUserText(question), promptText(question), { ...style, opening: '' })
        : keySentences(material, Math.min(sentences, style.sentences)).join(' '),
  };
}

/** The text the answer is made of: the last prompt without its instruction and without quoted schemas, and what tools have said since. */
function materialFor(question: Question): string {
  const results = resultsText(question);
  const own = materialOf(withoutQuotedObjects(lastUserText(question)));
  const users = question.turns.filter((turn) => turn.role === 'user').map((turn) => turn.text);
  // A short follow-up ("now as JSON") speaks of what came before.
  const material = sentencesOf(own).join(' ').length < 40 && users.length > 1 ? users.slice(0, -1).join('\n') : own;
  return results === '' ? material : `${material}\n${results}`;
}

function prose(question: Question, prompt: string, style: Style, random: Random): string {
  const everything = promptText(question);
  const instructions = `${question.system}\n${prompt}`;
  if (isCreative(prompt)) return create(prompt, random);
  if (isLegal(prompt) || (isLegal(`${question.system}?`) && /\?/.test(prompt)))
    return answerLaw(prompt, everything, style);
  if (/\b(?:summari[sz]e|summary|sum up|tl;?dr|shorten|condense|key points|main points)\b/i.test(instructions))
    return summarize(instructions, materialFor(question), style);
  if (/\b(?:extract|list|find|identify)\b/i.test(instructions) || isRecord(prompt))
    return tellFacts(findFacts(materialFor(question))) ?? converse(prompt, question.system, style);
  const earlier = question.turns
    .slice(0, -1)
    .filter((turn) => turn.role === 'user')
    .map((turn) => turn.text);
  return converse(prompt, [question.system, ...earlier].join('\n'), style);
}

/** Whether the prompt is a bare record, such as `Invoice 118 from 3 chairs, 240 EUR`. */
function isRecord(prompt: string): boolean {
  return !/[?]/.test(prompt) && prompt.length < 400 && findFacts(prompt).identifiers.length > 0;
}

function imagesOf(question: Question): readonly ReceivedImage[] {
  const last = question.turns.findLast((turn) => turn.role === 'user');
  return last?.role === 'user' ? last.images : [];
}

function toJson(value: JsonValue, style: Style): string {
  return style.json === 'pretty' ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}

function reason(question: Question): string {
  const prompt = lastUserText(question);
  const about = keywordsOf(prompt).slice(0, 3).join(', ') || 'nothing in particular';
  const shape = answerSchema(question) === null ? 'in plain words' : 'as JSON of the shape asked for';
  const results = resultsText(question) === '' ? '' : ' The tools have answered; their results settle it.';
  return `The prompt is about ${about}. It has ${sentencesOf(prompt).length} sentence(s) to work with.${results} I should answer ${shape} and add nothing that is not there.`;
}

/** The answer with a citation that no source supports: in prose at its end, in JSON in the field that holds such things. */
function withInvention(text: string, style: Style, citation: string): string {
  const value = parseJson(text);
  if (!isJsonObject(value)) return `${text} See also ${citation}.`;
  const [name, member] =
    Object.entries(value).find(
      ([key, held]) => CITATION_FIELD.test(key) && (typeof held === 'string' || isTextList(held)),
    ) ?? [];
  if (name === undefined) return text;
  return toJson(
    {
      ...value,
      [name]:
        typeof member === 'string'
          ? `${member} See also ${citation}.`
          : [...(member as readonly JsonValue[]), citation],
    },
    style,
  );
}

function isTextList(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
