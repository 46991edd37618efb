import type { Plan } from '../routing/plan.ts';
import type { Attempt } from './attempt.ts';

/** What the sentence is about. */
export interface Story {
  readonly asked: string;
  readonly plan: Plan | null;
  readonly attempts: readonly Attempt[];
  readonly served: Attempt | null;
}

/** One sentence for a person: why this model answered, or why nobody did. */
export function whyServed(story: Story): string {
  const { attempts, served } = story;
  if (attempts.length === 0) return 'no model was asked';
  if (served === null) return `nobody answered: ${attempts.map(describe).join('; ')}`;
  const earlier = attempts.filter((attempt) => attempt !== served && attempt.failed !== null);
  const chosen = earlier.length === 0 ? firstChoice(story) : `${served.deployment.name} stands in`;
  const parts = [...earlier.map(describe), ...leftOut(story), chosen];
  if (served.failed !== null) parts.push(`it broke off with ${served.kind}`);
  return parts.join('; ');
}

function firstChoice({ plan, asked, served }: Story): string {
  const route = plan?.target.route ?? null;
  if (route === null) return `the client named \`${asked}\``;
  const isFirst = route.candidates[0]?.name === served?.deployment.name;
  return `${isFirst ? 'first choice' : 'first that can do it'} of the route \`${route.name}\``;
}

/** Who would have come before and could not do what was asked. */
function leftOut({ plan, served }: Story): readonly string[] {
  const order = plan?.target.candidates.map((candidate) => candidate.name) ?? [];
  const place = order.indexOf(served?.deployment.name ?? '');
  return (plan?.excluded ?? [])
    .filter(({ deployment }) => order.indexOf(deployment.name) < place)
    .map(({ deployment, reasons }) => `${deployment.name} was left out (${reasons[0]?.rule ?? 'no reason'})`);
}

function describe(attempt: Attempt): string {
  const status = attempt.status === null ? '' : ` (HTTP ${attempt.status})`;
  return `${attempt.deployment.name} failed with ${attempt.kind}${status}`;
}
