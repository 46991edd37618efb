import { isSameModel } from '../catalog/models/find-model.ts';
import { priceOf } from '../catalog/price-book.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Price } from '../core/price.ts';

/** So many names of models are remembered for a deployment: vendors have few, and what one says is not bounded. */
const MAX_NAMES = 64;

/** The prices of those who really served, looked up once for each name a vendor gives. */
export class ServedPrices {
  readonly #known = new WeakMap<Deployment, Map<string, Price | null>>();

  /**
   * The price that counts: that of the model which served, which vendors charge for what it is; a snapshot may cost other
   * than the name that was asked. What the operator wrote down for the deployment holds whoever serves.
   * @param reported the vendor's name for who served; `null`: it did not say
   * @param isOther whether that is another model than the one that was asked
   */
  of(deployment: Deployment, reported: string | null, isOther: boolean): Price | null {
    if (reported === null || reported === deployment.modelId) return deployment.price;
    let names = this.#known.get(deployment);
    if (names === undefined || names.size >= MAX_NAMES) {
      names = new Map();
      this.#known.set(deployment, names);
    }
    let price = names.get(reported);
    if (price === undefined) {
      price = lookUp(deployment, reported, isOther);
      names.set(reported, price);
    }
    return price;
  }
}

/** Whether the vendor's name for who served is that of another model than was asked; `null`, where it did not say, is not. */
export function isDrifted({ modelId, model, simulated }: Deployment, reported: string | null): boolean {
  // A simulated model goes by the name it has in the config.
  const isOwnName = simulated && reported === `sim-${model}`;
  return reported !== null && !isOwnName && !isSameModel(modelId, reported);
}

function lookUp({ kind, modelId, url, price }: Deployment, reported: string, isOther: boolean): Price | null {
  const listed = priceOf(kind, modelId, url) ?? priceOf(kind, `sim-${modelId}`, url);
  if (price !== null && price.source !== listed?.source) return price;
  const served = priceOf(kind, reported, url);
  return isOther ? served : (served ?? price);
}
