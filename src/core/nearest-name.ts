/** Longest name worth comparing: past it, it is not a slip of the pen. */
const MAX_COMPARED_CHARACTERS = 80;

/** The known name that takes the fewest edits to reach, if few enough to be a slip of the pen; else `null`. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  const wanted = name.slice(0, MAX_COMPARED_CHARACTERS).toLowerCase();
  let best: { name: string; distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (best === null || distance < best.distance) best = { name: candidate, distance };
  }
  if (best === null || best.distance >= Math.min(wanted.length, best.name.length)) return null;
  return best.distance <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : null;
}

/** Levenshtein distance. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replace = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
