import { BRIEF_FACTS } from '../core/prompt-facts.ts';
import type { Brief } from '../core/route.ts';
import { neutraliserFor } from '../core/supplied-text.ts';
import { compileText, templateProblem } from '../core/text-template.ts';
import type { Entry } from './document.ts';
import { at, readText } from './read.ts';
import { isPath, readSideFile, type FileContext } from './side-file.ts';

/** What a fallback is told when the route says nothing else. A Liquid template. */
const DEFAULT_TEMPLATE = [
  'Another model usually does this task; you are answering in its place.',
  'Follow the instructions above literally.',
  'Use only facts and sources that are given here; where something is missing, say that it is missing.',
  'Answer only in the format asked for, with nothing before or after it.',
].join(' ');

export const DEFAULT_BRIEF: Brief = { template: DEFAULT_TEMPLATE, at: 'built-in' };

export const NO_BRIEF: Brief = { template: null, at: 'built-in' };

/** Reads `brief: default | off | "text" | ./file.md` and proves that the template renders. */
export function readBrief(context: FileContext, field: Entry | undefined, path: string): Brief {
  if (field === undefined) return DEFAULT_BRIEF;
  const text = readText(context, field.value, path);
  if (text === null || text === 'default') return DEFAULT_BRIEF;
  const line = at(context, field.keySpan);
  if (text === 'off') return { template: null, at: line };
  const template = isPath(text) ? readSideFile(context, text, field.value.span, path) : text;
  if (template === null) return DEFAULT_BRIEF;
  const problem = problemOf(template);
  if (problem !== null) {
    const help = 'a brief knows asked, model, route and reason';
    context.problems.error('invalid-brief', field.value.span, `${path} does not render: ${problem}`, help);
  }
  return { template, at: line };
}

/** Why the template cannot be filled in; `null` when it can. */
function problemOf(template: string): string | null {
  const compiled = compileText(template, BRIEF_FACTS, neutraliserFor(template));
  if ('message' in compiled) return compiled.message;
  try {
    compiled.fill({ asked: 'a', model: 'b', route: 'c', reason: 'd' });
    return null;
  } catch (error) {
    return templateProblem(error).message;
  }
}
