/** The middle value; the mean of the middle two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** What the rounds of one scenario say: the ratio pair by pair, and the median cost of both. */
export function summarize(results) {
  const ratios = results.map(({ proxy, gateway }) => gateway / proxy);
  return {
    ratio: { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) },
    proxyMicros: median(results.map(({ proxy }) => proxy)),
    gatewayMicros: median(results.map(({ gateway }) => gateway)),
  };
}
