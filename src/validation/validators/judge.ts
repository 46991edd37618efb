import { isJsonObject, stringMember, type JsonValue } from '../../core/json.ts';
import type { JudgeTerms } from '../../core/judging.ts';
import { isName, membersOf, shareOf } from '../asking-options.ts';
import { judgedText } from '../judged-text.ts';
import type { Validator } from '../validator.ts';

const WORDS = ['model', 'rubric', 'sample'];
const FORM = '{ model: claude-haiku, rubric: "…" or ./rubric.md, sample: 5% }';
const MAX_RUBRIC_CHARACTERS = 20_000;

/** What a model of another family says of the answer by a rubric. Whom it asks, and how, is for whoever gives it `judges`. */
export const judge: Validator = {
  id: 'judge',
  waits: true,
  checkOptions: problemOf,
  check(subject, options) {
    const judged = judgedText('judge', subject.answer);
    const calls = subject.answer.toolCalls.length > 0 && subject.answer.finishReason !== 'content_filter';
    if (!('text' in judged) && !calls) return judged;
    return subject.judges.ask(judgeTerms(options), subject.answer);
  },
};

/** The options of a `judge` that the config has accepted. */
export function judgeTerms(options: JsonValue): JudgeTerms {
  const members = isJsonObject(options) ? options : {};
  return {
    model: stringMember(members, 'model') ?? '',
    rubric: stringMember(members, 'rubric') ?? '',
    share: shareOf(members['sample']) ?? 1,
  };
}

function problemOf(options: JsonValue): string | null {
  const read = membersOf(options, WORDS, FORM);
  if ('problem' in read) return read.problem;
  const { model, rubric, sample } = read.members;
  if (!isName(model)) return `\`model\` must name the model that judges: ${FORM}`;
  if (typeof rubric !== 'string' || rubric.trim() === '') return `\`rubric\` must say what a good answer is: ${FORM}`;
  if (rubric.length > MAX_RUBRIC_CHARACTERS) return `\`rubric\` has more than ${MAX_RUBRIC_CHARACTERS} characters`;
  if (sample !== undefined && shareOf(sample) === null) return '`sample` must be a share of the answers: 5% or 0.05';
  return null;
}
