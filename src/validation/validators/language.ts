import { isLanguage, languageOf, languageScores, UNDETERMINED } from '../../core/language.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { judgedText } from '../judged-text.ts';
import { scriptCounts, scriptsOf } from '../scripts.ts';
import { spokenText } from '../spoken-text.ts';
import { abstain, fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'language';
/** The language of the user's last message. */
const SAME = 'same';
const LEAST_LETTERS = 40;
/** A text with this share of its letters in another script has changed its language in between. */
const FOREIGN_SHARE = 0.15;
const LEAST_FOREIGN_LETTERS = 4;
/** What must speak for a language before anything is said, and how much more for another one than for the expected. */
const LEAST_SCORE = 1;
const PASSING_LEAD = 1.25;
const FAILING_LEAD = 2;
const TAKES = '`language` takes the code of a language such as `de`, a list of them, or `same` (as the user wrote)';

/**
 * Fails an answer in another language than expected: by its scripts at any length, by its words from 40 letters on. Code and
 * addresses do not count. Abstains where a text is too short for its words to tell, or they do not.
 */
export const language: Validator = {
  id: ID,
  checkOptions: problemOf,
  check: (subject, options) => judge(subject, listOf(options)),
};

function judge({ answer, context }: Subject, options: readonly string[]): Verdict {
  const judged = judgedText(ID, answer);
  if (!('text' in judged)) return judged;
  const expected = options.includes(SAME)
    ? [languageOf(spokenText(context.texts.findLast(({ role }) => role === 'user')?.text ?? ''))]
    : options;
  if (expected.includes(UNDETERMINED)) return abstain(ID, 'the language of the question cannot be told');
  const text = spokenText(judged.text);
  const { letters, counts } = scriptCounts(text);
  const allowed = new Set(expected.flatMap(scriptsOf));
  const foreign = [...counts].filter(([script]) => !allowed.has(script)).toSorted(([, a], [, b]) => b - a);
  const foreignLetters = foreign.reduce((sum, [, count]) => sum + count, 0);
  const [most] = foreign;
  const names = expected.join(' or ');
  if (most !== undefined && foreignLetters >= LEAST_FOREIGN_LETTERS && foreignLetters >= FOREIGN_SHARE * letters) {
    return fail(
      ID,
      `${foreignLetters} of ${letters} letters are in a script that ${names} is not written in (${most[0]})`,
    );
  }
  return byWords(text, letters, expected);
}

function byWords(text: string, letters: number, expected: readonly string[]): Verdict {
  if (letters < LEAST_LETTERS) return abstain(ID, `${letters} letters are too few to tell a language by`);
  const scores = languageScores(text);
  const [best] = scores;
  if (best === undefined || best.score < LEAST_SCORE)
    return abstain(ID, 'its words do not tell which language it is in');
  const own = scores.find((each) => expected.includes(each.language))?.score ?? 0;
  // Neighbours such as Danish and Norwegian have most of their words in common.
  if (best.score === own || best.score < PASSING_LEAD * own) return pass(ID);
  if (best.score < FAILING_LEAD * own) return abstain(ID, `it may be in ${best.language} as well`);
  return fail(ID, `the answer is in ${best.language}, not in ${expected.join(' or ')}`);
}

function problemOf(options: JsonValue): string | null {
  const list = listOf(options);
  if (list.length === 0) return TAKES;
  if (list.includes(SAME)) return list.length === 1 ? null : '`same` stands alone';
  const unknown = list.find((code) => !isLanguage(code));
  return unknown === undefined ? null : `there is no language \`${unknown}\` that can be told: ${TAKES}`;
}

/** Empty: the options are no languages. */
function listOf(options: JsonValue): readonly string[] {
  if (options === null || options === true) return [SAME];
  const list = Array.isArray(options) ? (options as readonly JsonValue[]) : [options];
  return list.every((item): item is string => typeof item === 'string') ? list : [];
}
