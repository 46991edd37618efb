import type { Brief } from '../core/route.ts';
import { ClientWord } from '../core/supplied-text.ts';
import { fillText } from '../core/text-template.ts';

/** What a brief may speak of. */
export interface BriefFacts {
  readonly asked: string;
  /** The model that usually does the task. */
  readonly model: string;
  readonly route: string;
  /** Why another one is asked: the code of the failure. */
  readonly reason: string;
}

/**
 * The brief's text for these facts; `null` when the route wants none.
 * @throws Error of the template engine when the template is faulty or speaks of an unknown fact
 */
export function renderBrief(brief: Brief, facts: BriefFacts): string | null {
  if (brief.template === null) return null;
  return fillText(brief.template, { ...facts, asked: new ClientWord(facts.asked) });
}
