import { canonicalJson, type JsonObject, type JsonValue, parseJson } from '../core/json.ts';
import type { Validation } from '../core/record.ts';
import type { PairedScore } from '../core/substitution.ts';
import { isSameValue } from './same-value.ts';

/** Changes whenever the same two answers may get other scores: evidence from before is then of another kind. */
export const SCORER_VERSION = 1;

/** Validators that say whether an answer keeps to what it was given. */
const GROUNDING: ReadonlySet<string> = new Set(['citations', 'numbers']);
/** Longer ones say the same thing in too many ways to be told apart by comparing them. */
const SHORT_CHARACTERS = 200;

/** An answer, as far as it is compared. */
export interface ComparedAnswer {
  /** `null`: the model wrote none. */
  readonly text: string | null;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  /** Its vendor says that it is a refusal, or it reads like one. */
  readonly hasRefused: boolean;
  readonly validation: Validation;
}

export interface ScoringTerms {
  /** Ids of the route's validators. */
  readonly validators: readonly string[];
  /** What the answer ought to be, as text or JSON; `undefined`: nobody said. */
  readonly expected: JsonValue | undefined;
}

/** What two answers to one request are worth. */
export interface ScoredPair {
  /** The measures that a certificate goes by. */
  readonly scores: readonly PairedScore[];
  /** How far the second says what the first said, from 0 to 1; `null`: nobody can tell. */
  readonly agreement: number | null;
}

/** Compares the answer of a stand-in (`to`) with that of the model it would stand in for (`from`). */
export function pairedScores(from: ComparedAnswer, to: ComparedAnswer, terms: ScoringTerms): ScoredPair {
  const agreement = agreementOf(from, to);
  const byValidator = (metric: string, score: (answer: ComparedAnswer) => number | null): PairedScore => {
    return { metric, source: 'validator', from: score(from), to: score(to) };
  };
  const scores: PairedScore[] = [byValidator('refusal', ({ hasRefused }) => (hasRefused ? 0 : 1))];
  if ([from, to].some(({ validation }) => validation.status !== 'none')) scores.push(byValidator('valid', validity));
  const isGrounded = terms.validators.some((id) => GROUNDING.has(id));
  if (isGrounded) scores.push(byValidator('grounded', groundedness));
  const { expected } = terms;
  if (expected !== undefined) {
    const score = (answer: ComparedAnswer): number => (isExpected(answer, expected) ? 1 : 0);
    scores.push({ metric: 'score', source: 'label', from: score(from), to: score(to) });
  } else if (!isGrounded) {
    // Nothing else says whether the task was done: then the stand-in has to say what the other one says.
    scores.push({ metric: 'agreement', source: 'validator', from: 1, to: agreement });
  }
  return { scores, agreement };
}

function validity({ validation: { status } }: ComparedAnswer): number | null {
  if (status === 'passed' || status === 'repaired') return 1;
  return status === 'failed' ? 0 : null;
}

function groundedness({ validation: { verdicts } }: ComparedAnswer): number | null {
  const outcomes = verdicts.filter(({ validator }) => GROUNDING.has(validator)).map(({ outcome }) => outcome);
  if (outcomes.includes('fail')) return 0;
  return outcomes.length === 0 || outcomes.includes('abstain') ? null : 1;
}

function isExpected({ text, hasRefused }: ComparedAnswer, expected: JsonValue): boolean {
  if (text === null || hasRefused) return false;
  if (isStructured(expected)) {
    const said = parseJson(text);
    return said !== undefined && canonicalJson(said) === canonicalJson(expected);
  }
  return isSameValue(text, typeof expected === 'string' ? expected : String(expected));
}

/** Of JSON and of tool calls the share of the leaves that are equal; of short texts 1 or 0. */
function agreementOf(from: ComparedAnswer, to: ComparedAnswer): number | null {
  if (from.hasRefused || to.hasRefused) return from.hasRefused && to.hasRefused ? null : 0;
  if (from.toolCalls.length > 0 || to.toolCalls.length > 0) return equalLeaves(calls(from), calls(to));
  if (from.text === null || to.text === null) return from.text === to.text ? null : 0;
  const [one, other] = [parseJson(from.text), parseJson(to.text)];
  if (isStructured(one) || isStructured(other)) {
    return isStructured(one) && isStructured(other) ? equalLeaves(one, other) : 0;
  }
  if (Math.max(from.text.length, to.text.length) > SHORT_CHARACTERS) return null;
  return isSameValue(from.text, to.text) ? 1 : 0;
}

function isStructured(value: JsonValue | undefined): value is JsonObject | readonly JsonValue[] {
  return typeof value === 'object' && value !== null;
}

function calls({ toolCalls }: ComparedAnswer): readonly JsonValue[] {
  return toolCalls.map((call) => ({ name: call.name, arguments: parseJson(call.arguments) ?? call.arguments }));
}

function equalLeaves(one: JsonValue, other: JsonValue): number {
  const [ours, theirs] = [leavesOf(one), leavesOf(other)];
  const places = new Set([...ours.keys(), ...theirs.keys()]);
  const isEqual = (place: string): boolean => {
    const [mine, yours] = [ours.get(place), theirs.get(place)];
    return mine !== undefined && yours !== undefined && isSameValue(mine, yours);
  };
  return places.size === 0 ? 1 : [...places].filter(isEqual).length / places.size;
}

type Leaf = string | number | boolean | null;

/** Every leaf by its place. What is empty is a leaf too. */
function leavesOf(root: JsonValue): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const waiting: (readonly [place: string, value: JsonValue])[] = [['', root]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [place, value] = next;
    if (!isStructured(value)) {
      leaves.set(place, value);
      continue;
    }
    const members: readonly (readonly [name: string, member: JsonValue | undefined])[] = Object.entries(value);
    if (members.length === 0) leaves.set(`${place}/`, Array.isArray(value) ? '[]' : '{}');
    for (const [name, member] of members) {
      if (member !== undefined) waiting.push([`${place}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, member]);
    }
  }
  return leaves;
}
