import { loadVocabulary, type TextCount } from './vocabulary.ts';

/** What the tokenizer's thread is asked. */
export interface TokenizerRequest {
  readonly id: number;
  readonly texts: readonly string[];
}

/** Its answer to the request of that id; `null`: it could not count. */
export interface TokenizerReply {
  readonly id: number;
  readonly counted: TextCount | null;
}

interface Line {
  postMessage(reply: TokenizerReply): void;
  on(event: 'message', listener: (request: TokenizerRequest) => void): unknown;
}

/** Answers requests one after the other. */
export function serveTokenizer(line: Line): void {
  const vocabulary = loadVocabulary();
  line.on('message', ({ id, texts }) => {
    vocabulary.then(
      (count) => line.postMessage({ id, counted: countOrNull(() => count(texts)) }),
      () => line.postMessage({ id, counted: null }),
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
