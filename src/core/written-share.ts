/** The number that `2%`, `2 %` or `0.02` stands for, whatever its size; `null` for anything else. */
export function writtenShare(value: unknown): number | null {
  const percent = typeof value === 'string' ? /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(value)?.[1] : undefined;
  const share = percent === undefined ? value : Number(`${percent}e-2`);
  return typeof share === 'number' ? share : null;
}
