import { answerAssertion, type AnswerAssertion, type AssertedFacts } from '../assertion/answer-assertion.ts';
import { isJsonObject, type JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { judgedText } from '../judged-text.ts';
import { PreparedOptions, type Prepared } from '../prepared-options.ts';
import { TimeLimit, TimeLimitError } from '../time-limit.ts';
import { abstain, fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'assert';
const TAKES = '`assert` takes an expression, or a list of { that: expression, because: text }';
const LIMIT_MS = 50;
const MAX_ASSERTIONS = 32;

interface Assertion {
  readonly that: string;
  readonly because: string | null;
  readonly holds: AnswerAssertion;
}

/** Fails an answer of which an expression in CEL is not true; abstains where one has no answer. */
export function assert(): Validator {
  const limit = new TimeLimit();
  const prepared = new PreparedOptions(prepare);
  return {
    id: ID,
    checkOptions: (options) => prepared.problemOf(options),
    check: (subject, options) => judge(subject, prepared.use(options), limit),
  };
}

function judge(subject: Subject, assertions: readonly Assertion[], limit: TimeLimit): Verdict {
  const judged = judgedText(ID, subject.answer);
  if (!('text' in judged)) return judged;
  const facts: AssertedFacts = {
    text: judged.text,
    json: subject.json,
    input: subject.context.texts.findLast(({ role }) => role === 'user')?.text ?? '',
    context: subject.context.texts.map(({ text }) => text).join('\n'),
    request: subject.request.parameters,
  };
  let undecided: Verdict | null = null;
  for (const { that, because, holds } of assertions) {
    try {
      if (!limit.withinTwice(LIMIT_MS, () => holds(facts))) return fail(ID, because ?? `\`${that}\` is not true`);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const why = error instanceof TimeLimitError ? `\`${that}\` was not checked: ${said}` : said;
      undecided ??= abstain(ID, why);
    }
  }
  return undecided ?? pass(ID);
}

function prepare(options: JsonValue): Prepared<readonly Assertion[]> {
  const list = Array.isArray(options) ? (options as readonly JsonValue[]) : [options];
  if (list.length === 0 || list.length > MAX_ASSERTIONS) return { problem: `${TAKES}, of at most ${MAX_ASSERTIONS}` };
  const value: Assertion[] = [];
  for (const item of list) {
    const words = typeof item === 'string' ? { that: item } : item;
    if (!isJsonObject(words)) return { problem: TAKES };
    const { that, because = null, ...others } = words;
    const isText = typeof that === 'string' && (because === null || typeof because === 'string');
    if (!isText || Object.keys(others).length > 0) return { problem: TAKES };
    const compiled = answerAssertion(that);
    if ('problem' in compiled) return { problem: `\`${that}\`: ${compiled.problem}` };
    value.push({ that, because, holds: compiled.holds });
  }
  return { value };
}
