import { anthropic } from './anthropic/provider.ts';
import { deepseek } from './deepseek/provider.ts';
import { google } from './google/provider.ts';
import { openai } from './openai/provider.ts';
import { openAiCompatible } from './openai-compatible/provider.ts';
import type { Provider } from './provider.ts';
import { vertex } from './vertex/provider.ts';

/** Every provider there is, by kind. */
export const PROVIDERS: ReadonlyMap<string, Provider> = new Map(
  [openai, anthropic, google, vertex, deepseek, openAiCompatible].map((provider) => [provider.kind, provider]),
);
