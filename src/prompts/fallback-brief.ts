import { Liquid } from 'liquidjs';

import type { Brief } from '../core/route.ts';

/** What a brief may speak of. */
export interface BriefFacts {
  readonly asked: string;
  /** The model that usually does the task. */
  readonly model: string;
  readonly route: string;
  /** Why another one is asked: the code of the failure. */
  readonly reason: string;
}

// Facts are plain strings and stay data: the template is the operator's, its values are not templates.
const ENGINE = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  renderLimit: 1000,
  memoryLimit: 1e6,
});

/**
 * The brief's text for these facts; `null` when the route wants none.
 * @throws Error of the template engine when the template is faulty or speaks of an unknown fact
 */
export function renderBrief(brief: Brief, facts: BriefFacts): string | null {
  if (brief.template === null) return null;
  return String(ENGINE.parseAndRenderSync(brief.template, facts));
}
