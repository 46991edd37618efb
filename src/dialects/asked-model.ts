import { GatewayError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { requireString } from './member-checks.ts';

/** Names stand in headers and sentences of ours: one that is longer than any name is no name. */
const MAX_NAME_CHARACTERS = 256;

/** What the member `model` names. @throws GatewayError `invalid_type`, `param_out_of_range` */
export function decodeAskedModel(value: JsonValue | undefined): string {
  const model = requireString(value, 'model');
  if (model !== '' && model.length <= MAX_NAME_CHARACTERS) return model;
  throw new GatewayError('param_out_of_range', `\`model\` must be a name of 1 to ${MAX_NAME_CHARACTERS} characters`, {
    param: 'model',
  });
}
