import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import { type JsonObject, stringMember } from '../core/json.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { Configuration } from '../core/route.ts';
import type { Aside } from '../pipeline/aside.ts';
import { requestAgain } from './decode-recorded.ts';

/** A recorded request that is run again. */
export interface Replay {
  readonly request: ChatRequest;
  readonly aside: Aside;
}

/**
 * The request as it came, its faults apart, and who is to answer.
 * @param body its text
 * @param model the only one that may answer, in the place of the first of the route; `null`: whoever the plan names
 * @throws GatewayError as when it came
 */
export function replayOf(
  record: JsonObject,
  body: string,
  model: string | null,
  configuration: Pick<Configuration, 'routes'>,
): Replay {
  const request = requestAgain(record, body);
  const directives = { ...request.directives, dryRun: null };
  const aside = { purpose: 'replay', of: stringMember(record, 'id'), model, inPlaceOf: null } as const;
  if (model === null) return { request: { ...request, directives }, aside };
  const route = configuration.routes.get(stringMember(record, 'route') ?? '');
  // Its client had named a model: another one is asked by its name, as that one was.
  if (route === undefined) return { request: { ...request, asked: model, directives }, aside };
  const first = route.candidates[0]?.model ?? model;
  const inPlaceOf = first === model ? null : first;
  return { request: { ...request, directives: { ...directives, route: route.name } }, aside: { ...aside, inPlaceOf } };
}

/** @throws GatewayError `model_not_found` for a model that is not of the generation's route or, where it had none, of the config */
export function requireModel(model: string, record: JsonObject, { routes, models }: Configuration): void {
  const name = stringMember(record, 'route');
  const route = name === null ? null : routes.get(name);
  if (route === undefined) {
    throw new GatewayError('model_not_found', `the config has no route \`${name}\` any more`, { param: 'model' });
  }
  const known = [...new Set(route === null ? models.keys() : route.candidates.map((each) => each.model))];
  if (known.includes(model)) return;
  const near = nearestName(model, known);
  const hint = near === null ? `it has ${known.join(', ')}` : `did you mean \`${near}\`?`;
  const where = route === null ? 'the config' : `the route \`${route.name}\``;
  throw new GatewayError('model_not_found', `${where} has no model \`${model.slice(0, 80)}\`: ${hint}`, {
    param: 'model',
  });
}
