import type { ChatRequest } from '../core/chat.ts';

const BYTES_A_TOKEN = 4;

/** How long a prompt is, in tokens, by a rough count that costs nothing; as long as a dry run assumes. For what needs the size, not the number. */
export function roughPromptTokens({ directives, original }: ChatRequest): number {
  return directives.dryRun?.promptTokens ?? Math.ceil(original.bytes.length / BYTES_A_TOKEN);
}
