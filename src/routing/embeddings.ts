import type { ChatRequest } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import type { CandidateReason } from '../core/record.ts';
import type { Target } from './resolve.ts';

/**
 * The one model of a target whose vectors its clients get: the first that makes embeddings, whatever a
 * request needs, since vectors of two models cannot be compared. `null`: none does.
 */
export function embeddingModel(target: Target): string | null {
  return target.candidates.find(({ capabilities }) => capabilities.features.has('embeddings'))?.model ?? null;
}

/** Words of the config that only a chat can follow: a deployment they bind is not asked for embeddings, rather than asked without them. */
export function chatOnlyWords(
  request: ChatRequest,
  { prompt, params }: Deployment,
  target: Target,
): readonly CandidateReason[] {
  if (request.embedding === null) return [];
  const texts = [prompt.prepend, prompt.append].flatMap((text) =>
    text === null ? [] : [['prompt', text.at] as const],
  );
  const rules = [...(target.route?.params ?? []), ...params].map(([name, { at }]) => [`params.${name}`, at] as const);
  return [...texts, ...rules].map(([need, at]) => ({ rule: 'chat_only', need, have: null, evidence: null, at }));
}
