import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { linearPattern, type LinearPattern } from '../../core/linear-pattern.ts';
import type { Verdict } from '../../core/record.ts';
import { judgedText, placeIn } from '../judged-text.ts';
import { PreparedOptions, type Prepared } from '../prepared-options.ts';
import { TimeLimit, TimeLimitError } from '../time-limit.ts';
import { abstain, fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'regex';
const TAKES = '`regex` takes a pattern, or { must: [pattern], must_not: [pattern] }';
/** What the patterns of a line may have together: looking at a text takes so many steps a character at most. */
const MAX_INSTRUCTIONS = 4000;
const LIMIT_MS = 250;
const MAX_EVIDENCE_CHARACTERS = 200;

interface NamedPattern {
  /** As the config has it. */
  readonly text: string;
  readonly pattern: LinearPattern;
}

interface Patterns {
  readonly must: readonly NamedPattern[];
  readonly mustNot: readonly NamedPattern[];
}

/** Fails a text without a match of each `must`, or with one of any `must_not`. The patterns are RE2's, which take linear time. */
export function regex(): Validator {
  const limit = new TimeLimit();
  const prepared = new PreparedOptions(prepare);
  return {
    id: ID,
    checkOptions: (options) => prepared.problemOf(options),
    check(subject, options) {
      try {
        return limit.withinTwice(LIMIT_MS, () => judge(subject, prepared.use(options)));
      } catch (error) {
        if (error instanceof TimeLimitError) return abstain(ID, `the answer was not checked: ${error.message}`);
        throw error;
      }
    },
  };
}

function judge({ answer }: Subject, { must, mustNot }: Patterns): Verdict {
  const judged = judgedText(ID, answer);
  if (!('text' in judged)) return judged;
  const { text } = judged;
  for (const each of mustNot) {
    const hit = each.pattern.find(text);
    if (hit === null) continue;
    const evidence = [text.slice(hit.start, hit.end).slice(0, MAX_EVIDENCE_CHARACTERS)];
    return fail(ID, `it matches \`${each.text}\``, { place: placeIn('text', hit.start, hit.end), evidence });
  }
  const missing = must.find(({ pattern }) => !pattern.test(text));
  return missing === undefined ? pass(ID) : fail(ID, `nothing in it matches \`${missing.text}\``);
}

function prepare(options: JsonValue): Prepared<Patterns> {
  const words = typeof options === 'string' ? { must: options } : options;
  if (!isJsonObject(words)) return { problem: TAKES };
  const unknown = Object.keys(words).find((word) => word !== 'must' && word !== 'must_not');
  if (unknown !== undefined) return { problem: `there is no \`${unknown}\`: ${TAKES}` };
  const must = textsOf(words, 'must');
  const mustNot = textsOf(words, 'must_not');
  if (must === null || mustNot === null || must.length + mustNot.length === 0) return { problem: TAKES };
  try {
    const value = { must: must.map(compile), mustNot: mustNot.map(compile) };
    const instructions = [...value.must, ...value.mustNot].reduce((sum, { pattern }) => sum + pattern.size, 0);
    return instructions <= MAX_INSTRUCTIONS
      ? { value }
      : { problem: `its patterns come to ${instructions} instructions, of which ${MAX_INSTRUCTIONS} are allowed` };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function textsOf(words: JsonObject, word: string): readonly string[] | null {
  const value = words[word] ?? [];
  const list = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return list.every((item): item is string => typeof item === 'string') ? list : null;
}

function compile(text: string): NamedPattern {
  return { text, pattern: linearPattern(text) };
}
