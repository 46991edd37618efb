import { GatewayError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';

interface UnknownName {
  /** What there is none of. */
  readonly what: string;
  readonly name: string;
  readonly known: readonly string[];
  readonly param: string;
}

/** 404 for a name that the config does not have, with the nearest that it has. */
export function unknownName({ what, name, known, param }: UnknownName): GatewayError {
  const near = nearestName(name, known);
  const hint = near === null ? 'the list of models has them all' : `did you mean \`${near}\`?`;
  return new GatewayError('model_not_found', `there is no ${what} \`${name.slice(0, 80)}\`: ${hint}`, { param });
}
