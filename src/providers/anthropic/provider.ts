import type { Provider } from '../provider.ts';
import { anthropicCapabilities } from './capabilities.ts';
import { decodeFailure, decodeMessage } from './decode.ts';
import { encodeRequest } from './encode.ts';
import { resumeRequest } from './resume.ts';
import { MessageStreamDecoder } from './stream.ts';

/** Anthropic, Messages. */
export const anthropic: Provider = {
  kind: 'anthropic',
  protocol: 'anthropic-messages',
  defaultUrl: 'https://api.anthropic.com',
  capabilities: anthropicCapabilities,
  credentialHeader: (credential) => ['x-api-key', credential.reveal()],
  encode: encodeRequest,
  decode: (body, _expected, bytes) => decodeMessage(body, bytes),
  streamDecoder: () => new MessageStreamDecoder(),
  resume: resumeRequest,
  decodeFailure,
  requestIdHeader: 'request-id',
};
