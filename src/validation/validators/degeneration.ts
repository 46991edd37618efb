import type { Verdict } from '../../core/record.ts';
import { placeIn, writtenTexts } from '../judged-text.ts';
import { REPETITION_CHARACTERS, repetitionAtEnd, type Repetition } from '../repetition.ts';
import { fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'degeneration';
const REASONS: Readonly<Record<Repetition['kind'], string>> = {
  loop: 'the same stretch goes round and round',
  lines: 'the same line stands again and again',
  compressible: 'it says the same over and over, with hardly a change',
};
const MAX_EVIDENCE_CHARACTERS = 80;

/** Fails an answer that has fallen into repetition anywhere, in its text or in the arguments of a tool call. */
export const degeneration: Validator = {
  id: ID,
  checkOptions: (options) => (options === null || options === true ? null : '`degeneration` takes no options'),
  check({ answer }: Subject): Verdict {
    for (const { place, text } of writtenTexts(answer)) {
      const found = repetitionIn(text);
      if (found === null) continue;
      const evidence = [text.slice(found.start, Math.min(found.end, found.start + MAX_EVIDENCE_CHARACTERS))];
      return fail(ID, REASONS[found.kind], { place: placeIn(place, found.start, found.end), evidence });
    }
    return pass(ID);
  },
};

/** Looks at the text in overlapping pieces, so that what begins in one is whole in the next. */
function repetitionIn(text: string): Repetition | null {
  const step = REPETITION_CHARACTERS / 2;
  for (let end = Math.min(text.length, REPETITION_CHARACTERS); ; end = Math.min(text.length, end + step)) {
    const found = repetitionAtEnd(text.slice(0, end));
    if (found !== null || end === text.length) return found;
  }
}
