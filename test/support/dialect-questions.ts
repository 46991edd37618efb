import type { z } from 'zod';

import type { JsonObject } from '../../src/core/json.ts';
import { provenanceSchema } from './provenance-schema.ts';
import type { TestGateway } from './gateway.ts';

/** One question that every dialect can put. */
export interface DialectQuestion {
  readonly model: string;
  readonly text: string;
  readonly stream: boolean;
  readonly maxTokens?: number;
  readonly temperature?: number;
  /** Names of tools, of which one must be called. */
  readonly tools?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an answer says, in whatever dialect it came. */
export interface DialectAnswer {
  readonly response: Response;
  /** Every name of a model it holds, each once. */
  readonly models: readonly string[];
  readonly candor: z.infer<typeof provenanceSchema>;
  /** In the dialect's own word; Responses and Gemini have none for tool calls. */
  readonly finish: string;
  readonly calls: readonly string[];
}

export interface QuestionDialect {
  readonly name: string;
  /** Where the dialect calls the temperature so. */
  readonly temperature: string;
  /** The word for an answer that ends with tool calls. */
  readonly toolFinish: string;
  ask(gateway: TestGateway, question: DialectQuestion): Promise<DialectAnswer>;
}

const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;
const DESCRIPTION = 'Looks a city up.';

const chat: QuestionDialect = {
  name: 'Chat Completions',
  temperature: 'temperature',
  toolFinish: 'tool_calls',
  async ask(gateway, question) {
    const { model, text, stream, temperature, maxTokens, tools = [] } = question;
    const events = await send(gateway, question, '/v1/chat/completions', {
      model,
      stream,
      messages: [{ role: 'user', content: text }],
      temperature,
      max_tokens: maxTokens,
      ...(tools.length === 0 ? {} : { tool_choice: 'required' }),
      tools: optional(tools, (name) => ({
        type: 'function',
        function: { name, description: DESCRIPTION, parameters: PARAMETERS },
      })),
    });
    return read(events, 'model', 'finish_reason', (call) => member(call['function'], 'name'), 'tool_calls');
  },
};

const messages: QuestionDialect = {
  name: 'Messages',
  temperature: 'temperature',
  toolFinish: 'tool_use',
  async ask(gateway, question) {
    const { model, text, stream, temperature, maxTokens = 1000, tools = [] } = question;
    const events = await send(gateway, question, '/v1/messages', {
      model,
      stream,
      max_tokens: maxTokens,
      temperature,
      messages: [{ role: 'user', content: text }],
      ...(tools.length === 0 ? {} : { tool_choice: { type: 'any' } }),
      tools: optional(tools, (name) => ({ name, description: DESCRIPTION, input_schema: PARAMETERS })),
    });
    return read(events, 'model', 'stop_reason', (block) => (block['type'] === 'tool_use' ? block['name'] : undefined));
  },
};

const responses: QuestionDialect = {
  name: 'Responses',
  temperature: 'temperature',
  toolFinish: 'completed',
  async ask(gateway, question) {
    const { model, text, stream, temperature, maxTokens, tools = [] } = question;
    const events = await send(gateway, question, '/v1/responses', {
      model,
      stream,
      input: text,
      temperature,
      max_output_tokens: maxTokens,
      ...(tools.length === 0 ? {} : { tool_choice: 'required' }),
      tools: optional(tools, (name) => ({
        type: 'function',
        name,
        description: DESCRIPTION,
        parameters: PARAMETERS,
        strict: false,
      })),
    });
    // Of a stream the last event holds the whole.
    const last = events.bodies.slice(-1).map((event) => (event['response'] ?? event) as JsonObject);
    return read({ ...events, bodies: last }, 'model', 'status', (item) =>
      item['type'] === 'function_call' ? item['name'] : undefined,
    );
  },
};

const gemini: QuestionDialect = {
  name: 'generateContent',
  temperature: 'generationConfig.temperature',
  toolFinish: 'STOP',
  async ask(gateway, question) {
    const { model, text, stream, temperature, maxTokens, tools = [] } = question;
    const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
    const declarations = tools.map((name) => ({
      name,
      description: DESCRIPTION,
      parametersJsonSchema: PARAMETERS,
    }));
    const events = await send(gateway, question, `/v1beta/models/${model}:${method}`, {
      contents: [{ role: 'user', parts: [{ text }] }],
      generationConfig: { temperature, maxOutputTokens: maxTokens },
      ...(tools.length === 0 ? {} : { toolConfig: { functionCallingConfig: { mode: 'ANY' } } }),
      tools: optional(tools.slice(0, 1), () => ({ functionDeclarations: declarations })),
    });
    return read(events, 'modelVersion', 'finishReason', (part) => member(part['functionCall'], 'name'));
  },
};

/** The four dialects in which a model can be asked. */
export const QUESTION_DIALECTS: readonly QuestionDialect[] = [chat, messages, responses, gemini];

interface Events {
  readonly response: Response;
  /** The whole answer, or the events of the stream in order. */
  readonly bodies: readonly JsonObject[];
}

async function send(gateway: TestGateway, question: DialectQuestion, path: string, body: object): Promise<Events> {
  const response = await gateway.post(path, body, question.headers);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} was answered ${response.status}: ${text}`);
  const data = [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => match[1] ?? '');
  const bodies = (question.stream ? data : [text]).map((each) => JSON.parse(each) as JsonObject);
  return { response, bodies };
}

function optional<Made>(names: readonly string[], make: (name: string) => Made): readonly Made[] | undefined {
  return names.length === 0 ? undefined : names.map(make);
}

function member(object: unknown, name: string): unknown {
  return (object as Readonly<Record<string, unknown>> | undefined)?.[name];
}

/** Finds in the events whatever has these names, at any depth. */
function read(
  { response, bodies }: Events,
  modelName: string,
  finishName: string,
  calledName: (object: JsonObject) => unknown,
  within?: string,
): DialectAnswer {
  const models: string[] = [];
  const finishes: string[] = [];
  const calls: string[] = [];
  let candor: unknown;
  const visit = (value: unknown, name: string): void => {
    if (Array.isArray(value)) for (const item of value) visit(item, name);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || name === 'candor') return;
    const object = value as JsonObject;
    candor = object['candor'] ?? candor;
    const called = within === undefined || name === within ? calledName(object) : undefined;
    if (typeof called === 'string' && called !== '') calls.push(called);
    // A tool that is repeated in an answer is no call.
    for (const [key, child] of Object.entries(object)) if (key !== 'tools') visit(child, key);
    const model = object[modelName];
    if (typeof model === 'string') models.push(model);
    const finish = object[finishName];
    if (typeof finish === 'string') finishes.push(finish);
  };
  for (const body of bodies) visit(body, '');
  return {
    response,
    models: [...new Set(models)],
    candor: provenanceSchema.parse(candor),
    finish: finishes.at(-1) ?? '',
    calls,
  };
}
