import type { Attempt } from './attempt.ts';
import type { Generation } from './generation.ts';

/** One sentence for a person: why this model answered, or why nobody did. */
export function whyServed(generation: Generation): string {
  const { attempts, served, plan } = generation;
  if (attempts.length === 0) return 'no model was asked';
  if (served === null) return `nobody answered: ${attempts.map(describe).join('; ')}`;
  const earlier = attempts.filter((attempt) => attempt !== served);
  const chosen = earlier.length === 0 ? firstChoice(generation) : `${served.deployment.name} stands in`;
  const story = [...earlier.map(describe), ...leftOut(generation), chosen];
  if (served.failed !== null) story.push(`it broke off with ${served.kind}`);
  return plan === null ? chosen : story.join('; ');
}

function firstChoice(generation: Generation): string {
  const { plan, exchange, served } = generation;
  const route = plan?.target.route ?? null;
  if (route === null) return `the client named \`${exchange.request.asked}\``;
  const isFirst = route.candidates[0]?.name === served?.deployment.name;
  return `${isFirst ? 'first choice' : 'first that can do it'} of the route \`${route.name}\``;
}

/** Who would have come before and could not do what was asked. */
function leftOut(generation: Generation): readonly string[] {
  const { plan, served } = generation;
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
