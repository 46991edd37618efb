import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import { applyHints } from '../../core/capabilities.ts';
import type { ResponseFormat, ToolChoice } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { JsonObject } from '../../core/json.ts';
import { JsonBuilder } from '../../core/json-path.ts';
import { namedSchema } from '../named-schema.ts';
import type { GeminiFunction } from '../../wire/gemini.ts';
import type { EncodedRequest } from '../provider.ts';
import { encodeContents } from './contents.ts';

const HEADERS = ['content-type', 'application/json'] as const;

/** Encodes a request for `generateContent`, or `streamGenerateContent` as server-sent events. */
export function encodeRequest(adapted: AdaptedRequest, deployment: Deployment): EncodedRequest {
  const { request, parameters } = adapted;
  const conversation = encodeContents(adapted.messages);
  const hints = applyHints(parameters, deployment.capabilities, deployment.kind, adapted.request.parameters);
  const body = new JsonBuilder();
  if (conversation.system.length > 0) body.set('systemInstruction', { parts: conversation.system });
  body.set('contents', conversation.contents);
  if (request.tools.length > 0) {
    body.set('tools', [{ functionDeclarations: request.tools.map(encodeTool) }]);
    const calling = encodeToolChoice(request.toolChoice);
    if (calling !== null) body.set('toolConfig', { functionCallingConfig: calling });
  }
  const cap = parameters['max_completion_tokens'] ?? parameters['max_tokens'];
  if (cap !== undefined) body.set('generationConfig.maxOutputTokens', cap);
  if (parameters['stop'] !== undefined) body.set('generationConfig.stopSequences', parameters['stop']);
  const formatAdjustments = setFormat(body, adapted.responseFormat, deployment.kind);
  for (const [path, value] of hints.fields) body.set(path, value);
  const method = request.stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return {
    path: `/models/${encodeURIComponent(deployment.modelId)}:${method}`,
    headers: HEADERS,
    body: Buffer.from(JSON.stringify(body.build())),
    adjustments: [...conversation.adjustments, ...hints.adjustments, ...formatAdjustments],
  };
}

function encodeTool(tool: { name: string; description: string | null; parameters: JsonObject | null }): GeminiFunction {
  return {
    name: tool.name,
    ...(tool.description === null ? {} : { description: tool.description }),
    ...(tool.parameters === null ? {} : { parametersJsonSchema: tool.parameters }),
  };
}

function encodeToolChoice(choice: ToolChoice | null): JsonObject | null {
  switch (choice?.mode) {
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'named':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
    case 'auto':
      return { mode: 'AUTO' };
    case 'allowed':
      return { mode: choice.required ? 'ANY' : 'VALIDATED', allowedFunctionNames: choice.names };
    case undefined:
      return null;
  }
}

function setFormat(body: JsonBuilder, format: ResponseFormat | null, at: string): readonly Adjustment[] {
  if (format === null || format.type === 'text') return [];
  body.set('generationConfig.responseMimeType', 'application/json');
  if (format.type !== 'json_schema') return [];
  const named = namedSchema(format, at);
  if (named.schema !== null) body.set('generationConfig.responseJsonSchema', named.schema);
  return named.adjustments;
}
