import type { Capabilities } from '../../core/capabilities.ts';
import type { Provider } from '../provider.ts';
import { decodeCompletion } from './decode.ts';
import { decodeEmbeddings, encodeEmbeddings } from './embeddings.ts';
import { encodeChat } from './encode.ts';
import type { EncodeOptions } from './encode-options.ts';
import { decodeFailure } from './failures.ts';
import { ChunkDecoder } from './stream.ts';

/** All that tells one vendor of the protocol from another. */
export interface OpenAiCompatible {
  readonly kind: string;
  /** `null`: the protocol is all that its servers have in common. */
  readonly defaultUrl: string | null;
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
    encode: (adapted, deployment) =>
      adapted.request.embedding === null
        ? encodeChat(adapted, deployment, vendor.encodeOptions(deployment.modelId))
        : encodeEmbeddings(adapted, deployment),
    decode: (body, expected) => (expected.embeddings ? decodeEmbeddings(body) : decodeCompletion(body, expected)),
    streamDecoder: (expected) => new ChunkDecoder(expected),
    decodeFailure,
    requestIdHeader: vendor.requestIdHeader,
  };
}
