import { anthropic } from './anthropic/provider.ts';
import { deepseek } from './deepseek/provider.ts';
import { google } from './google/provider.ts';
import { openai } from './openai/provider.ts';
import type { Provider } from './provider.ts';

/** Every provider there is, by kind. */
export const PROVIDERS: ReadonlyMap<string, Provider> = new Map(
  [openai, anthropic, google, deepseek].map((provider) => [provider.kind, provider]),
);
