import type { ChatRequest, ContentPart } from '../core/chat.ts';
import { isJsonObject, type JsonValue } from '../core/json.ts';
import type { RuleFacts } from '../core/rule.ts';
import { languageOf } from '../core/language.ts';
import { roughPromptTokens } from './rough-size.ts';

/** The longest prompt that a rule reads, and that a language is told by. */
const MAX_PROMPT_CHARACTERS = 8192;

/** What the rules may look at of this request. @param needs what costs something to tell; without it, the language is `und` */
export function ruleFacts(request: ChatRequest, needs: { readonly language: boolean }): RuleFacts {
  const { parameters, directives, tools, responseFormat, stream, dialect } = request;
  const prompt = promptOf(request).slice(0, MAX_PROMPT_CHARACTERS);
  return {
    tags: directives.tags,
    metadata: textsOf(parameters['metadata']),
    tokens: roughPromptTokens(request),
    tools: tools.map(({ name }) => name),
    schema: responseFormat?.type === 'json_schema',
    stream,
    dialect,
    data: ['public'],
    prompt,
    language: needs.language ? languageOf(prompt) : 'und',
  };
}

/** The text of the user's last message; of the last input, where texts are to be embedded. */
function promptOf({ messages, embedding }: ChatRequest): string {
  if (embedding !== null) return embedding.inputs.findLast((input) => typeof input === 'string') ?? '';
  return textIn(messages.findLast(({ role }) => role === 'user')?.content ?? []);
}

function textIn(content: readonly ContentPart[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

function textsOf(metadata: JsonValue | undefined): Readonly<Record<string, string>> {
  if (metadata === undefined || !isJsonObject(metadata)) return {};
  const texts = Object.entries(metadata).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts);
}
