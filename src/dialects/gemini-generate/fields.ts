import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { camelName, protoKey, snakeName } from '../../core/proto-names.ts';

/** Members of a request that only the client's own protocol can say, collected while it is decoded. */
export class FoundFields {
  /** Paths of members nobody knows. */
  readonly unknown: string[] = [];
  /** Paths of members that this protocol knows and no other has. */
  readonly protocol: string[] = [];
}

/** Which members an object may have. */
export interface FieldNames {
  /** Those that are decoded. */
  readonly known: ReadonlySet<string>;
  /** Those that pass within the protocol and bind across. */
  readonly protocol: ReadonlySet<string>;
}

/** The names in texts, set apart by spaces. */
export function fieldNames(known: string, protocol = ''): FieldNames {
  const names = (text: string): ReadonlySet<string> => new Set(text.split(' ').filter((name) => name !== ''));
  return { known: names(known), protocol: names(protocol) };
}

/**
 * The members of one object of the request, whichever way they are spelled. Those that are not decoded
 * are noted as soon as it is made. `null` asks for nothing.
 */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;

  /** @throws GatewayError `duplicate_key` for a member in both spellings */
  constructor(object: JsonObject, path: string, names: FieldNames, found: FoundFields) {
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
      if (value === null || names.known.has(spelled)) continue;
      if (names.protocol.has(spelled)) found.protocol.push(at);
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
