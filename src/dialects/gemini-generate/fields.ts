import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { camelName, protoKey, snakeName } from '../../core/proto-names.ts';
import type { KnownMembers } from '../known-members.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';

/**
 * The members of one object of the request, whichever way they are spelled. Those that are not decoded
 * are noted as soon as it is made. `null` asks for nothing.
 */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;

  /** @throws GatewayError `duplicate_key` for a member in both spellings */
  constructor(object: JsonObject, path: string, known: KnownMembers, found: UnplacedFields) {
    this.#object = object;
    this.#path = path;
    for (const [key, value] of Object.entries(object)) {
      const name = camelName(key);
      const at = this.#at(key);
      if (key !== name && Object.hasOwn(object, name)) {
        throw new GatewayError('duplicate_key', `\`${this.#at(name)}\` stands there in two spellings`, { param: at });
      }
      // A name in neither spelling, such as `max_Tokens`, is another name.
      const spelled = key === snakeName(name) ? name : key;
      if (value === null || known.read.has(spelled)) continue;
      if (known.own.has(spelled)) found.protocol.push(at);
      else found.unknown.push(at);
    }
  }

  #at(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  /** The member; `undefined` where it is absent or `null`. */
  value(name: string): JsonValue | undefined {
    return this.#object[protoKey(this.#object, name)] ?? undefined;
  }

  /** Where it stands in the client's body, as the client spells it. */
  path(name: string): string {
    return this.#at(protoKey(this.#object, name));
  }
}
