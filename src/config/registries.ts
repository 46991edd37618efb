import type { Capabilities } from '../core/capabilities.ts';
import type { JsonValue } from '../core/json.ts';
import type { Price } from '../core/price.ts';

/** What the configuration needs to know of one kind of provider. */
export interface ProviderFacts {
  /** The word for `kind` in the config file. */
  readonly kind: string;
  /** The vendor's own base URL, used when the file names none; `null`: the file must name one. */
  readonly defaultUrl: string | null;
  /** What the vendor's model can do. */
  capabilities(modelId: string): Capabilities;
}

/** What the configuration needs to know of one validator. */
export interface ValidatorFacts {
  /** The word for it under `validate`. */
  readonly id: string;
  /** Why the options cannot be used, in one sentence; `null` when they can. */
  checkOptions(options: JsonValue): string | null;
}

/** The parts a file may name. Handed in, so that reading a file depends on none of them. */
export interface Registries {
  readonly providers: ReadonlyMap<string, ProviderFacts>;
  readonly validators: ReadonlyMap<string, ValidatorFacts>;
  /** The list price of a vendor's model at a deployment of that URL; `null` when unknown. */
  price(kind: string, modelId: string, url: string): Price | null;
}
