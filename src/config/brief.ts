import { Liquid } from 'liquidjs';

import type { Brief } from '../core/route.ts';
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
  const problem = templateProblem(template);
  if (problem !== null) {
    const help = 'a brief knows asked, model, route and reason';
    context.problems.error('invalid-brief', field.value.span, `${path} does not render: ${problem}`, help);
  }
  return { template, at: line };
}

/** Why the template cannot be rendered; `null` when it can. */
function templateProblem(template: string): string | null {
  // `templates: {}` keeps include and render tags from reading files; the limits keep a loop from hanging the start.
  const liquid = new Liquid({
    strictVariables: true,
    strictFilters: true,
    templates: {},
    renderLimit: 1000,
    memoryLimit: 1e6,
  });
  try {
    liquid.parseAndRenderSync(template, { asked: 'a', model: 'b', route: 'c', reason: 'd' });
    return null;
  } catch (error) {
    return (error as Error).message.split('\n')[0] ?? 'unknown reason';
  }
}
