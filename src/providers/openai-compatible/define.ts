import type { Capabilities } from '../../core/capabilities.ts';
import type { Provider } from '../provider.ts';
import { decodeCompletion } from './decode.ts';
import { encodeChat, type EncodeOptions } from './encode.ts';
import { decodeFailure } from './failures.ts';
import { ChunkDecoder } from './stream.ts';

/** All that tells one vendor of the protocol from another. */
export interface OpenAiCompatible {
  readonly kind: string;
  readonly defaultUrl: string;
  readonly capabilities: (modelId: string) => Capabilities;
  readonly encodeOptions: (modelId: string) => EncodeOptions;
  readonly requestIdHeader: string;
}

/** Makes a provider that speaks OpenAI's Chat Completions from what it does differently. */
export function defineOpenAiCompatible(vendor: OpenAiCompatible): Provider {
  return {
    kind: vendor.kind,
    protocol: 'openai-chat',
    defaultUrl: vendor.defaultUrl,
    capabilities: vendor.capabilities,
    credentialHeader: (credential) => ['authorization', `Bearer ${credential.reveal()}`],
    encode: (adapted, deployment) => encodeChat(adapted, deployment, vendor.encodeOptions(deployment.modelId)),
    decode: decodeCompletion,
    streamDecoder: () => new ChunkDecoder(),
    decodeFailure,
    requestIdHeader: vendor.requestIdHeader,
  };
}
