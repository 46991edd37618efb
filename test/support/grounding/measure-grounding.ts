import { ContextIndex } from '../../../src/validation/grounding/context-index.ts';
import { groundCitations } from '../../../src/validation/grounding/ground-citations.ts';
import { drawFrom } from './draw.ts';
import { GROUNDING_FORMS, groundingCase } from './grounding-corpus.ts';

/** What became of the cases of one form. */
export interface GroundingFigures {
  readonly form: string;
  readonly cases: number;
  /** Of as many fakes, those found: a citation at their place is not in the context. */
  readonly fakesFound: number;
  /** Of as many answers with a true citation in another spelling, those in which anything was not found, or the citation was not seen at all. */
  readonly falseAlarms: number;
  /** The first few that went wrong, as told to a person. */
  readonly wrong: readonly string[];
}

/** Plants so many fakes of each form, and as many true citations in another spelling. */
export function measureGrounding(cases: number, seed: number): readonly GroundingFigures[] {
  return GROUNDING_FORMS.map((form, at) => {
    const wrong: string[] = [];
    const count = (variant: 'fake' | 'respelled'): number =>
      Array.from({ length: cases }, (_, index) =>
        drawFrom(seed + index * 7919 + at * 104_729 + (variant === 'fake' ? 1 : 2)),
      ).filter((draw) => {
        const { context, answer, start, end } = groundingCase(draw, form, variant);
        const index = new ContextIndex(
          context.map((text, part) => ({ path: `messages[${part}]`, role: 'user', text })),
        );
        const found = groundCitations(answer, index) ?? [];
        const here = found.filter((cited) => cited.start < end && start < cited.end);
        const isMissed = variant === 'fake' ? here.every((cited) => cited.found !== null) : here.length === 0;
        const isAlarm = variant === 'respelled' && found.some((cited) => cited.found === null);
        if (isMissed || isAlarm) wrong.push(`${variant}: ${answer}`);
        return variant === 'fake' ? !isMissed : isMissed || isAlarm;
      }).length;
    const [fakesFound, falseAlarms] = [count('fake'), count('respelled')];
    return { form, cases, fakesFound, falseAlarms, wrong: wrong.slice(0, 5) };
  });
}

export function total(figures: readonly GroundingFigures[], member: 'cases' | 'fakesFound' | 'falseAlarms'): number {
  return figures.reduce((sum, each) => sum + each[member], 0);
}
