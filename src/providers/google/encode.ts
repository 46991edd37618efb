import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { EncodedRequest } from '../provider.ts';
import { editBody } from './edited-body.ts';
import { modelPath } from './model-path.ts';
import { writeBody } from './written-body.ts';

const HEADERS = ['content-type', 'application/json'] as const;

/** Encodes a request for `generateContent`, or `streamGenerateContent` as server-sent events. */
export function encodeRequest(adapted: AdaptedRequest, deployment: Deployment): EncodedRequest {
  const { request } = adapted;
  const isOwn = request.dialect === 'gemini-generate';
  const { body, adjustments } = isOwn ? editBody(adapted, deployment) : writeBody(adapted, deployment);
  const method = request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return { path: modelPath(deployment.modelId, method), headers: HEADERS, body, adjustments };
}
