/** How long the evaluation of a module may take. */
const MAX_EVALUATION_MS = 10_000;

/** What the evaluation gives. A module that awaits what never comes would keep every later reload waiting as well: it is given up. */
export async function inTime<T>(evaluated: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `it was not done after ${MAX_EVALUATION_MS / 1000} s`;
    timer = setTimeout(() => reject(new Error(message)), MAX_EVALUATION_MS);
  });
  return await Promise.race([evaluated, late]).finally(() => clearTimeout(timer));
}
