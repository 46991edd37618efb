import { openAiCompatibleCapabilities } from './capabilities.ts';
import { defineOpenAiCompatible } from './define.ts';
import { embeddingCapabilities } from './embedding-capabilities.ts';

/** Any server that speaks Chat Completions: Azure, Groq, Mistral, xAI, OpenRouter, vLLM and the like. */
export const openAiCompatible = defineOpenAiCompatible({
  kind: 'openai-compatible',
  defaultUrl: null,
  capabilities: (modelId) => embeddingCapabilities(modelId) ?? openAiCompatibleCapabilities(),
  encodeOptions: () => ({
    path: '/chat/completions',
    outputCap: 'max_tokens',
    leavesOutNeutral: true,
    developerRole: false,
    takesReasoning: false,
    takesParts: false,
    cacheBreakpoints: false,
  }),
  requestIdHeader: 'x-request-id',
});
