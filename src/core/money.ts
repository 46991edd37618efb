/** Money is a whole number of nano-USD (1e-9 USD): exact sums up to nine million dollars. */
export type NanoUsd = number;

const NANO_PER_USD = 1_000_000_000;

/** Dollars as a JSON number for people and clients; `null` stays unknown. */
export function usdFromNano(nanoUsd: NanoUsd | null): number | null {
  return nanoUsd === null ? null : nanoUsd / NANO_PER_USD;
}

/** Dollars as a record has them, in whole nano-USD again; `null` stays unknown. */
export function nanoFromUsd(usd: number | null): NanoUsd | null {
  return usd === null ? null : Math.round(usd * NANO_PER_USD);
}

/** The sum, or `null` when one part is unknown: a partly known sum is an unknown sum. */
export function sumNanoUsd(parts: readonly (NanoUsd | null)[]): NanoUsd | null {
  let sum = 0;
  for (const part of parts) {
    if (part === null) return null;
    sum += part;
  }
  return sum;
}
