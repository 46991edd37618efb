import { type JsonObject, type JsonValue, isJsonObject, objectMember, parseJson } from '../../core/json.ts';
import { type CalledTool, type OfferedTool, type Question, type Turn, lastUserText } from '../question.ts';
import { type Random, tokenFrom } from '../random.ts';
import { findFacts } from './facts.ts';
import { fillSchema } from './schema-fill.ts';
import { resolveSchema, typesOf } from './schema-shape.ts';
import { asSentence, overlap, sentencesOf, stemsOf } from './text.ts';

const GENERIC_VERBS: ReadonlySet<string> = new Set(
  stemsOf(
    'get set find fetch list create make search look lookup check call run use tool function current show return new send retrieve load read',
  ),
);
const MOST_CALLS = 8;

/** The tool calls a question leads to; empty when no offered tool fits it. Ids are left to the protocol: here they are only distinct. */
export function chooseCalls(question: Question, random: Random): readonly CalledTool[] {
  const { tools, toolUse, turns } = question;
  if (tools.length === 0 || toolUse.mode === 'none') return [];
  const isForced = toolUse.mode !== 'auto';
  if (!isForced && turns.at(-1)?.role === 'tool') return [];
  const prompt = lastUserText(question);
  const chosen =
    toolUse.mode === 'named'
      ? tools.filter((tool) => tool.name === toolUse.name)
      : fittingTools(tools, prompt, isForced);
  const calls = chosen.flatMap((tool) => callsOf(tool, chosen.length > 1 ? partAbout(prompt, tool) : prompt, random));
  const kept = question.parallelCalls ? calls.slice(0, MOST_CALLS) : calls.slice(0, 1);
  return kept.map((call, index) => ({
    ...call,
    id: tokenFrom(24, 'call', index, call.name, call.arguments, JSON.stringify(turns)),
  }));
}

function fittingTools(tools: readonly OfferedTool[], prompt: string, isForced: boolean): readonly OfferedTool[] {
  const scored = tools
    .map((tool) => ({ tool, score: fit(tool, prompt) }))
    .toSorted((left, right) => right.score - left.score);
  const best = scored[0]?.score ?? 0;
  const fitting = scored.filter((entry) => entry.score >= 2 && entry.score * 2 > best);
  return (fitting.length === 0 && isForced ? scored.slice(0, 1) : fitting).map((entry) => entry.tool);
}

/** How well a tool fits a prompt: two for a telling word of its name, one for each other word they share. */
function fit(tool: OfferedTool, prompt: string): number {
  const wanted = new Set(stemsOf(prompt));
  const telling = (text: string): string =>
    stemsOf(text)
      .filter((stem) => !GENERIC_VERBS.has(stem))
      .join(' ');
  const parameters = Object.keys(objectMember(tool.parameters, 'properties') ?? {}).join(' ');
  return 2 * overlap(telling(tool.name), wanted) + overlap(telling(`${tool.description} ${parameters}`), wanted);
}

function partAbout(prompt: string, tool: OfferedTool): string {
  const parts = prompt.split(/(?<=[.!?;])\s+|\s+and\s+(?=(?:the|what|also|a|an|\p{Ll}{4,})\b)/u);
  const best = parts
    .map((part) => ({ part, score: fit(tool, part) }))
    .toSorted((left, right) => right.score - left.score)[0];
  return best === undefined || best.score === 0 ? prompt : best.part;
}

/** The calls of one tool: one for each thing the prompt names side by side, where the tool takes one at a time. */
function callsOf(tool: OfferedTool, prompt: string, random: Random): readonly CalledTool[] {
  const whole = argumentsFrom(tool, prompt, random);
  const takesList = Object.values(objectMember(tool.parameters, 'properties') ?? {}).some((property) =>
    typesOf(resolveSchema(property, tool.parameters)).includes('array'),
  );
  const separate = takesList ? [] : variantsOf(prompt).map((variant) => argumentsFrom(tool, variant, random));
  const different = new Set(separate);
  const usesThem = different.size > 1 && different.size === separate.length;
  return (usesThem ? separate : [whole]).map((text) => ({ id: '', name: tool.name, arguments: text }));
}

function argumentsFrom(tool: OfferedTool, text: string, random: Random): string {
  const value: JsonValue = fillSchema(tool.parameters, { facts: findFacts(text), random, prose: () => text });
  return JSON.stringify(isJsonObject(value) ? value : {});
}

const LISTED = '(?:\\p{Lu}[\\p{L}\'’-]*(?:\\s+\\p{Lu}[\\p{L}\'’-]*)*|"[^"\\n]+"|[A-Z]{1,5}-?\\d+)';
const LIST = new RegExp(
  `${LISTED}(?:\\s*,\\s*${LISTED})*\\s*,?\\s+(?:and|or|&|und|et|y)\\s+(?:in\\s+|for\\s+|at\\s+|of\\s+)?${LISTED}`,
  'u',
);

/** The prompt once for each member of the first list of names in it: `in Paris and Berlin` gives one with Paris, one with Berlin. */
function variantsOf(prompt: string): readonly string[] {
  const list = LIST.exec(prompt)?.[0];
  if (list === undefined) return [];
  const members = list.match(new RegExp(LISTED, 'gu')) ?? [];
  return members.map((member) => prompt.replace(list, member));
}

/** What the tools said, in sentences, for the question they were called for. */
export function answerFromResults(question: Question): string {
  const start = question.turns.findLastIndex((turn) => turn.role === 'user') + 1;
  const results = question.turns
    .slice(start)
    .filter((turn): turn is Extract<Turn, { role: 'tool' }> => turn.role === 'tool');
  return results.map((result) => asSentence(`${subjectOf(result.call)}${tell(result.text)}`)).join(' ');
}

/** Everything the tools said for the last question, as text. */
export function resultsText(question: Question): string {
  const start = question.turns.findLastIndex((turn) => turn.role === 'user') + 1;
  const results = question.turns.slice(start).filter((turn) => turn.role === 'tool');
  return results.map((turn) => tell(turn.text)).join('\n');
}

function subjectOf(call: CalledTool): string {
  const values = parseJson(call.arguments);
  const named = isJsonObject(values)
    ? Object.values(values).flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []))
    : [];
  return named.length === 0 ? '' : `${named.join(', ')}: `;
}

/** A tool's result in words: members of an object one after another, text as it is. */
function tell(text: string): string {
  const value = parseJson(text);
  if (isJsonObject(value)) return tellMembers(value);
  if (Array.isArray(value))
    return (value as readonly JsonValue[])
      .map((entry) => (isJsonObject(entry) ? tellMembers(entry) : shown(entry)))
      .join('; ');
  return sentencesOf(text).slice(0, 4).join(' ') || text.trim() || 'no result';
}

function tellMembers(object: JsonObject): string {
  const told = Object.entries(object).map(([name, value]) => {
    const words = name
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .replace(/_/g, ' ')
      .toLowerCase();
    return `${words}: ${isJsonObject(value) ? tellMembers(value) : Array.isArray(value) ? (value as readonly JsonValue[]).map(shown).join(', ') : shown(value)}`;
  });
  return told.join(', ') || 'no result';
}

function shown(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
