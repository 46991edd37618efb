/** Order by UTF-16 code units: right for ids and ISO dates, and the same as SQLite's for them. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
