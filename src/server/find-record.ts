import { GatewayError } from '../core/errors.ts';
import { isGenerationId } from '../core/identifier.ts';
import type { JsonObject } from '../core/json.ts';
import type { EndpointCall } from './endpoint.ts';

/** The record of a generation. @param param where the id was given @throws GatewayError `generation_not_found` */
export async function findRecord(id: string, param: string, { context }: EndpointCall): Promise<JsonObject> {
  const record = isGenerationId(id) ? await context.steps.ledger.find(id) : null;
  if (record !== null) return record;
  throw new GatewayError('generation_not_found', `there is no generation \`${id.slice(0, 80)}\``, { param });
}
