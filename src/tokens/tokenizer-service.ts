import type { ThreadLine } from '../threads/helper-thread.ts';
import { loadVocabulary, type TextCount } from './vocabulary.ts';

/** Counts one list of texts after the other; `null`: it could not count. */
export function serveTokenizer(line: ThreadLine<readonly string[], TextCount | null>): void {
  const vocabulary = loadVocabulary();
  line.on('message', ({ id, job: texts }) => {
    vocabulary.then(
      (count) => line.postMessage({ id, result: countOrNull(() => count(texts)) }),
      () => line.postMessage({ id, result: null }),
    );
  });
}

function countOrNull(count: () => TextCount): TextCount | null {
  try {
    return count();
  } catch {
    return null;
  }
}
