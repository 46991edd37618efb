import type { ExcludedCandidate } from '../routing/eligible.ts';
import { decisionOn, type Plan } from '../routing/plan.ts';
import type { Attempt } from './attempt.ts';

/** What the sentence is about. */
export interface Story {
  readonly asked: string;
  readonly plan: Plan | null;
  /** Who was not asked, by the plan or when the turn had come. */
  readonly excluded: readonly ExcludedCandidate[];
  readonly attempts: readonly Attempt[];
  readonly served: Attempt | null;
}

/** One sentence for a person: why this model answered, or why nobody did. */
export function whyServed(story: Story): string {
  const { attempts, served } = story;
  if (attempts.length === 0) return 'no model was asked';
  if (served === null) return `nobody answered: ${attempts.map(describe).join('; ')}`;
  const earlier = attempts.filter((attempt) => attempt !== served && attempt.failed !== null);
  const chosen = earlier.length === 0 ? firstChoice(story) : standsIn(story, served);
  const parts = [...earlier.map(describe), ...leftOut(story), chosen, ...lastResort(story)];
  if (served.failed !== null) parts.push(`it broke off with ${served.kind}`);
  return parts.join('; ');
}

/** The words for what each `pick` puts first. */
const PICKED = {
  ordered: 'first that can do it',
  fastest: 'the fastest',
  cheapest: 'the cheapest',
  weighted: 'picked by weight',
} as const;

function firstChoice({ plan, asked, served }: Story): string {
  const route = plan?.target.route ?? null;
  if (plan === null || route === null) return `the client named \`${asked}\``;
  if (served !== null && decisionOn(served.deployment.name, plan)?.standing === 'trial') {
    return `tried again to find out how it does now, on the route \`${route.name}\``;
  }
  const isFirst = route.pick === 'ordered' && route.candidates[0]?.name === served?.deployment.name;
  return `${isFirst ? 'first choice' : PICKED[route.pick]} of the route \`${route.name}\``;
}

function standsIn({ attempts }: Story, served: Attempt): string {
  const isAgain = attempts.every(({ deployment }) => deployment.name === served.deployment.name);
  return isAgain ? `${served.deployment.name} was asked again` : `${served.deployment.name} stands in`;
}

/** What was known against it when it was asked. */
function lastResort({ plan, served }: Story): readonly string[] {
  const decision = plan === null || served === null ? undefined : decisionOn(served.deployment.name, plan);
  if (decision?.standing !== 'last_resort') return [];
  const missed = decision.objectives.filter(({ met }) => met === false).map(({ name }) => name);
  return [`it misses ${missed.join(', ')}, and nobody who does not was left`];
}

/** Who would have come before, and could not do what was asked or was not well. */
function leftOut({ plan, excluded, served }: Story): readonly string[] {
  const order = plan?.target.candidates.map((candidate) => candidate.name) ?? [];
  const place = order.indexOf(served?.deployment.name ?? '');
  return excluded
    .filter(({ deployment }) => order.indexOf(deployment.name) < place)
    .map(({ deployment, reasons }) => `${deployment.name} was left out (${reasons[0]?.rule ?? 'no reason'})`);
}

function describe(attempt: Attempt): string {
  const status = attempt.status === null ? '' : ` (HTTP ${attempt.status})`;
  return `${attempt.deployment.name} failed with ${attempt.kind}${status}`;
}
