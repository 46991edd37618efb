import type { ChatRequest } from '../core/chat.ts';
import type { JsonValue } from '../core/json.ts';
import type { Verdict } from '../core/record.ts';
import type { Route } from '../core/route.ts';

/** A JSON pointer into an answer, or into the arguments of one of its tool calls. */
const POINTER = /^(?:tool_calls\[\d+\]\.arguments)?(?<pointer>\/[^]*)$/;

/**
 * The verdict with `*` for each member on the way to its place that no schema of the request or of the route names: such
 * a name is the model's own word, as a value is, and a place stays where nothing is erased.
 */
export function withoutOwnNames(verdict: Verdict, request: ChatRequest, route: Route | null): Verdict {
  const { place, reason } = verdict;
  const pointer = POINTER.exec(place ?? '')?.groups?.['pointer'];
  if (place === undefined || pointer === undefined) return verdict;
  const names = new Set<string>();
  for (const schema of schemasOf(request, route)) addNames(schema, names);
  const isNamed = (step: string): boolean =>
    /^\d*$/.test(step) || names.has(step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const told = pointer
    .split('/')
    .map((step) => (isNamed(step) ? step : '*'))
    .join('/');
  return {
    ...verdict,
    place: place.replace(pointer, () => told),
    reason: reason?.replaceAll(pointer, () => told) ?? null,
  };
}

function schemasOf({ responseFormat, tools }: ChatRequest, route: Route | null): readonly JsonValue[] {
  const ofFormat = responseFormat?.type === 'json_schema' ? responseFormat.schema : null;
  const ofRoute = (route?.validators ?? []).filter(({ id }) => id === 'json_schema').map(({ options }) => options);
  return [ofFormat, ...tools.map(({ parameters }) => parameters ?? null), ...ofRoute];
}

function addNames(value: JsonValue, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) for (const name of Object.keys(value)) names.add(name);
  for (const member of Object.values(value) as readonly JsonValue[]) addNames(member, names);
}
