import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import { applyHints } from '../../core/capabilities.ts';
import type { ResponseFormat, Tool, ToolChoice } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { JsonObject } from '../../core/json.ts';
import { JsonBuilder } from '../../core/json-path.ts';
import type { GeminiFunction } from '../../wire/gemini.ts';
import { namedSchema } from '../named-schema.ts';
import { encodeContents } from './contents.ts';
import { contractFields, schemaField } from './parameters.ts';
import { withoutConst } from './schema.ts';

/** A body in the vendor's protocol, with what it changes of the request. */
export interface VendorBody {
  readonly body: Buffer;
  readonly adjustments: readonly Adjustment[];
}

/** The body for a client that speaks another protocol. */
export function writeBody(adapted: AdaptedRequest, deployment: Deployment): VendorBody {
  const { request, parameters } = adapted;
  const { capabilities, kind } = deployment;
  const conversation = encodeContents(adapted.messages, capabilities.wantsSignatures === true, kind);
  const hints = applyHints(parameters, capabilities, kind, request.parameters);
  const body = new JsonBuilder();
  if (conversation.system.length > 0) body.set('systemInstruction', { parts: conversation.system });
  body.set('contents', conversation.contents);
  if (adapted.tools.length > 0) {
    body.set('tools', [{ functionDeclarations: adapted.tools.map(encodeTool) }]);
    const calling = encodeToolChoice(adapted.toolChoice);
    if (calling !== null) body.set('toolConfig', { functionCallingConfig: calling });
  }
  for (const [field, value] of contractFields(parameters)) body.set(field, value);
  const formatAdjustments = setFormat(body, adapted.responseFormat, deployment);
  for (const [path, value] of hints.fields) body.set(path, value);
  return {
    body: Buffer.from(JSON.stringify(body.build())),
    adjustments: [...conversation.adjustments, ...hints.adjustments, ...formatAdjustments],
  };
}

function encodeTool({ name, description, parameters }: Tool): GeminiFunction {
  return {
    name,
    ...(description === null ? {} : { description }),
    ...(parameters === null ? {} : { parametersJsonSchema: withoutConst(parameters) }),
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

function setFormat(body: JsonBuilder, format: ResponseFormat | null, deployment: Deployment): readonly Adjustment[] {
  if (format === null || format.type === 'text') return [];
  body.set('generationConfig.responseMimeType', 'application/json');
  if (format.type !== 'json_schema') return [];
  const named = namedSchema(format, deployment.kind);
  if (named.schema !== null) body.set(schemaField(deployment.modelId), named.schema);
  return named.adjustments;
}
