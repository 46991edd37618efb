import { defineOpenAiCompatible } from '../openai-compatible/define.ts';
import { deepSeekCapabilities } from './capabilities.ts';
import { fitToDeepSeek } from './fit.ts';

/** DeepSeek, Chat Completions with `reasoning_content`. */
export const deepseek = defineOpenAiCompatible({
  kind: 'deepseek',
  defaultUrl: 'https://api.deepseek.com',
  capabilities: deepSeekCapabilities,
  encodeOptions: () => ({
    path: '/chat/completions',
    outputCap: 'max_tokens',
    leavesOutNeutral: true,
    developerRole: false,
    takesReasoning: true,
    takesParts: false,
    cacheBreakpoints: false,
    fit: fitToDeepSeek,
  }),
  requestIdHeader: 'x-ds-trace-id',
});
