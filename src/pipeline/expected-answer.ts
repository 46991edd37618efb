import type { ChatRequest } from '../core/chat.ts';
import type { ExpectedAnswer } from '../providers/provider.ts';

/** What the request says of the answer it wants, as far as reading one depends on it. */
export function expectedAnswer(request: ChatRequest): ExpectedAnswer {
  const asked = request.parameters['n'];
  return { choices: typeof asked === 'number' ? asked : 1, embeddings: request.embedding !== null };
}
