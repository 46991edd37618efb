import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { sealExtra } from '../../../src/core/sealed-extra.ts';
import type { RequestMaker } from './request-maker.ts';

/** A sound generateContent request, as clients write them. */
export function geminiRequest(make: RequestMaker): JsonObject {
  make.begin();
  const tools = make.chance(0.4) ? make.list(1, 2, (index) => declaration(make, index)) : [];
  const config = generationConfig(make, tools.length > 0);
  return {
    contents: contents(make, tools.length),
    ...make.some(0.5, () => ({
      systemInstruction: {
        parts: make.list(1, 2, () => ({ text: make.word() })),
        ...make.some(0.2, () => ({ role: 'user' })),
      },
    })),
    ...(tools.length === 0
      ? {}
      : {
          tools: [{ functionDeclarations: tools }],
          ...make.some(0.4, () => ({ toolConfig: { functionCallingConfig: callingConfig(make) } })),
        }),
    ...make.some(0.1, () => ({ serviceTier: make.pick(['standard', 'standard', 'flex', 'priority']) })),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  };
}

function declaration(make: RequestMaker, index: number): JsonObject {
  return {
    name: `tool_${index}`,
    ...make.some(0.8, () => ({ description: make.word() })),
    ...make.some(0.9, () =>
      make.chance(0.7) ? { parametersJsonSchema: make.schema() } : { parameters: openApi(make) },
    ),
  };
}

/** A schema in the vendor's older form. */
function openApi(make: RequestMaker): JsonObject {
  const names = make.list(1, 2, () => make.name());
  return {
    type: 'OBJECT',
    properties: Object.fromEntries(
      names.map((name) => [name, { type: make.pick(['STRING', 'INTEGER']), description: make.word() }]),
    ),
    required: names,
  };
}

function callingConfig(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({ mode: 'AUTO' }),
    () => ({ mode: 'NONE' }),
    () => ({ mode: 'ANY' }),
    () => ({ mode: 'ANY', allowedFunctionNames: ['tool_0'] }),
  ])();
}

function generationConfig(make: RequestMaker, hasTools: boolean): JsonObject {
  return {
    ...make.some(0.3, () => ({ temperature: make.chance(0.2) ? 1 : make.fraction(0, 2) })),
    ...make.some(0.2, () => ({ topP: make.fraction(0, 1) })),
    ...make.some(0.2, () => ({ topK: make.tokens() })),
    ...make.some(0.4, () => ({ maxOutputTokens: make.tokens() })),
    ...make.some(0.2, () => ({ stopSequences: make.list(1, 3, () => make.word()) })),
    ...make.some(0.05, () => ({ candidateCount: make.pick([1, 1, 2]) })),
    ...make.some(0.1, () => ({ presencePenalty: make.fraction(-1, 1) })),
    ...make.some(0.1, () => ({ frequencyPenalty: make.fraction(-1, 1) })),
    ...make.some(0.2, () => ({ seed: make.integer() })),
    ...make.some(0.02, () => ({ responseLogprobs: true, logprobs: 3 })),
    ...make.some(0.15, () => ({ thinkingConfig: thinkingConfig(make) })),
    ...make.some(hasTools ? 0.05 : 0.3, () => responseFormat(make)),
    ...make.some(0.05, () => ({ responseModalities: ['TEXT'] })),
  };
}

function thinkingConfig(make: RequestMaker): JsonObject {
  return {
    ...make.some(0.5, () => ({ includeThoughts: make.chance(0.7) })),
    ...(make.chance(0.5)
      ? { thinkingBudget: make.pick([0, -1, make.tokens()]) }
      : { thinkingLevel: make.pick(['MINIMAL', 'LOW', 'MEDIUM', 'HIGH']) }),
  };
}

function responseFormat(make: RequestMaker): JsonObject {
  if (make.chance(0.2)) return { responseMimeType: make.pick(['text/plain', 'application/json']) };
  return {
    responseMimeType: 'application/json',
    ...(make.chance(0.7) ? { responseJsonSchema: make.schema() } : { responseSchema: openApi(make) }),
  };
}

function contents(make: RequestMaker, toolCount: number): readonly JsonObject[] {
  const turns: JsonObject[] = [{ role: 'user', parts: userParts(make) }];
  for (let index = 0; make.chance(0.5) && index < 3; index++) {
    if (toolCount > 0 && make.chance(0.5)) turns.push(...toolTurn(make, index, toolCount));
    else turns.push({ role: 'model', parts: modelParts(make) }, { role: 'user', parts: userParts(make) });
  }
  return turns;
}

function userParts(make: RequestMaker): readonly JsonValue[] {
  return make.list(1, 3, () => (make.chance(0.88) ? { text: make.word() } : media(make)));
}

function media(make: RequestMaker): JsonObject {
  return make.pick<() => JsonObject>([
    () => ({ inlineData: { mimeType: 'image/png', data: make.base64() } }),
    () => ({ inlineData: { mimeType: 'application/pdf', data: make.base64() } }),
    () => ({ inlineData: { mimeType: 'audio/wav', data: make.base64() } }),
    () => ({ fileData: { mimeType: 'image/png', fileUri: `https://images.example/${make.name()}¤.png` } }),
  ])();
}

function modelParts(make: RequestMaker): readonly JsonValue[] {
  const thought = make.chance(0.2) ? [{ text: make.word(), thought: true }] : [];
  const signed = (share: number): JsonObject => make.some(share, () => ({ thoughtSignature: signature(make) }));
  return [
    ...thought,
    ...make.list(1, 2, () => ({ text: make.word(), ...signed(0.05) })),
    { text: make.word(), ...signed(0.15) },
  ];
}

/** The vendor's own, or what Candor sealed of another's. */
function signature(make: RequestMaker): string {
  return make.chance(0.7) ? make.base64() : sealExtra(make.extra());
}

function toolTurn(make: RequestMaker, turn: number, toolCount: number): readonly JsonObject[] {
  const named = make.chance(0.7);
  const calls = make.list(1, 2, (index) => ({
    ...(named ? { id: `call_${turn}_${index}_${make.name()}` } : {}),
    name: `tool_${index % toolCount}`,
    args: make.args(),
  }));
  const signed = make.some(0.3, () => ({ thoughtSignature: signature(make) }));
  return [
    {
      role: 'model',
      parts: calls.map((call, index) => ({ functionCall: call, ...(index === 0 ? signed : {}) })),
    },
    {
      role: 'user',
      parts: calls.map((call) => ({
        functionResponse: {
          ...('id' in call ? { id: call.id } : {}),
          name: call.name,
          response: make.chance(0.6)
            ? { output: make.word() }
            : { [make.name()]: make.word(), [make.name()]: make.integer() },
          ...make.some(0.08, () => ({
            parts: [
              make.chance(0.5)
                ? { inlineData: { mimeType: 'image/png', data: make.base64() } }
                : { fileData: { mimeType: 'image/png', fileUri: `https://images.example/${make.name()}¤.png` } },
            ],
          })),
        },
      })),
    },
  ];
}
