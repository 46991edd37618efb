/** `38 ms`, `2.19 s`, `1 min 5 s`; `–` when unknown. */
export function durationText(durationMs: number | null): string {
  if (durationMs === null) return '–';
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(2)} s`;
  const seconds = Math.round(durationMs / 1000);
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `$0.0121`, `$0`; `cost unknown` for `null`: an unknown cost is not a small one. */
export function costText(usd: number | null): string {
  if (usd === null) return 'cost unknown';
  if (usd === 0) return '$0';
  return `$${usd.toFixed(usd < 1 ? 6 : 2).replace(/(\.\d{2}\d*?)0+$/, '$1')}`;
}
