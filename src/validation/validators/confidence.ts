import { isJsonObject, numberMember, stringMember, type JsonValue } from '../../core/json.ts';
import { isName, membersOf } from '../asking-options.ts';
import type { Validator } from '../validator.ts';

/** How sure an answer must be, and who else is asked to tell. */
export interface ConfidenceTerms {
  /** In (0, 1). */
  readonly min: number;
  /** The config's name of a model of another family, whose agreement is a signal; `null`: nobody is asked. */
  readonly agreement: string | null;
}

const WORDS = ['min', 'agreement'];
const FORM = '{ min: 0.8 } or { min: 0.8, agreement: gemini-flash }';

/** How sure it must be that the answer is right. All other verdicts are signals of that, so it is decided after them. */
export const confidence: Validator = {
  id: 'confidence',
  isDecidedLater: true,
  checkOptions: problemOf,
  check: () => null,
};

/** The options of a `confidence` that the config has accepted. */
export function confidenceTerms(options: JsonValue): ConfidenceTerms {
  const members = isJsonObject(options) ? options : {};
  return { min: numberMember(members, 'min') ?? 1, agreement: stringMember(members, 'agreement') };
}

function problemOf(options: JsonValue): string | null {
  const read = membersOf(options, WORDS, FORM);
  if ('problem' in read) return read.problem;
  const { min, agreement } = read.members;
  if (typeof min !== 'number' || min <= 0 || min >= 1) return `\`min\` must be a probability between 0 and 1: ${FORM}`;
  return agreement === undefined || isName(agreement) ? null : `\`agreement\` must name a model: ${FORM}`;
}
