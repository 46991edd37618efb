import type { ChatRequest } from '../../core/chat.ts';
import type { ArrivedRequest } from '../../core/client-dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import { protoKey } from '../../core/proto-names.ts';
import { parseJsonBody } from '../json-body.ts';
import { requireObject } from '../member-checks.ts';
import { decodeGenerateRequest } from './decode.ts';

/**
 * Decodes a countTokens request: a conversation as generateContent takes it, or a whole such request under
 * `generateContentRequest`. @throws GatewayError
 */
export function decodeCountTokens(arrived: ArrivedRequest): ChatRequest {
  const { bytes, json, spans } = parseJsonBody(arrived.body);
  const key = protoKey(json, 'generateContentRequest');
  const span = spans.get(key);
  if (span === undefined) return decodeGenerateRequest(arrived, { stream: false });
  requireObject(json[key], key);
  const beside = Object.keys(json).find((name) => name !== key);
  if (beside !== undefined) {
    throw new GatewayError('invalid_request', `\`${beside}\` belongs inside \`${key}\``, { param: beside });
  }
  return decodeGenerateRequest({ ...arrived, body: bytes.subarray(...span) }, { stream: false });
}
