import type { AdaptedRequest } from '../../src/core/adapted-request.ts';
import type { Message } from '../../src/core/chat.ts';
import type { Deployment } from '../../src/core/deployment.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { adapt } from '../../src/prompts/adapt.ts';
import { decodeClientBody, testRoute } from './deployment.ts';
import { promptTemplate } from './prompt-template.ts';

/** The body of a client, but for the model. */
export interface Asked {
  readonly messages: readonly JsonValue[];
  readonly [member: string]: JsonValue;
}

/** The request of an OpenAI client as this model is told it, on a route with this template. */
export function adapted(template: string, deployment: Deployment, asked: Asked): AdaptedRequest {
  const route = testRoute([deployment], { prompts: [promptTemplate(template)] });
  return adapt(decodeClientBody({ model: 'task', ...asked }), deployment, route, null);
}

/** Who says what, part by part; of a part that is no text its type. */
export const told = ({ messages }: AdaptedRequest): readonly (readonly [string, ...string[]])[] =>
  messages.map((message: Message) => [
    message.role,
    ...message.content.map((part) => (part.type === 'text' ? part.text : part.type)),
  ]);

/** A turn of the user with these texts. */
export const user = (...texts: readonly string[]): JsonObject => ({
  role: 'user',
  content: texts.length === 1 ? (texts[0] ?? '') : texts.map((text) => ({ type: 'text', text })),
});
