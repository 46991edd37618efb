import type { ChatRequest } from '../../core/chat.ts';
import type { ArrivedRequest } from '../../core/client-dialect.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { decodeAskedModel } from '../asked-model.ts';
import { decodeDirectives } from '../directives.ts';
import { refuseForbiddenMember } from '../forbidden-member.ts';
import { parseJsonBody } from '../json-body.ts';
import { optionalBoolean, requireWord } from '../member-checks.ts';
import { decodeContents, decodeSystem } from './contents.ts';
import { knownMembers } from '../known-members.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';
import { Fields } from './fields.ts';
import { decodeGenerationConfig, type FoundParameters } from './generation-config.ts';
import { decodeToolConfig, decodeTools } from './tools.ts';

const BODY = knownMembers(
  'contents systemInstruction tools toolConfig generationConfig serviceTier store model candor',
  'safetySettings cachedContent labels modelArmorConfig continuationToken generationOutputConfig',
);

/**
 * Decodes a generateContent request, whose model stands in the path. Every member of the body ends up in
 * the result: as a field, as a parameter, or as a path in `unknownFields` or `protocolFields`.
 * @throws GatewayError for anything that cannot be meant
 */
export function decodeGenerateRequest(arrived: ArrivedRequest, { stream }: { readonly stream: boolean }): ChatRequest {
  const original = parseJsonBody(arrived.body);
  const { json } = original;
  Object.keys(json).forEach(refuseForbiddenMember);
  const found = { unknown: [], protocol: [] };
  const fields = new Fields(withoutEmptyLists(json), '', BODY, found);
  const asked = decodeAskedModel(arrived.pathParameter);
  checkModel(fields.value('model'), asked);
  const parameters: FoundParameters = { values: {}, paths: {} };
  const context = { original, found, paths: parameters.paths };
  const system = decodeSystem(fields.value('systemInstruction'), fields.path('systemInstruction'), context);
  const contents = decodeContents(fields.value('contents'), context);
  const tools = decodeTools(fields.value('tools'), 'tools', found, parameters.paths);
  const toolChoice = decodeToolConfig(fields.value('toolConfig'), fields.path('toolConfig'), tools, found);
  const config = fields.path('generationConfig');
  const responseFormat = decodeGenerationConfig(fields.value('generationConfig'), config, parameters, found);
  readServiceTier(fields, parameters);
  readStore(fields, parameters, found);
  return {
    dialect: 'gemini-generate',
    asked,
    messages: [...system, ...contents],
    tools,
    toolChoice,
    responseFormat,
    parameters: parameters.values,
    parameterPaths: { ...parameters.paths, messages: 'contents', tool_choice: fields.path('toolConfig') },
    unknownFields: found.unknown,
    protocolFields: found.protocol,
    embedding: null,
    stream,
    // Every chunk of this protocol may hold counts.
    includeUsage: true,
    directives: decodeDirectives(arrived.headers, json['candor'], arrived.explain),
    original,
  };
}

/** The SDKs send lists without anything in them, which ask for nothing. */
function withoutEmptyLists<Body extends object>(json: Body): Body {
  return Object.fromEntries(
    Object.entries(json).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
  ) as Body;
}

/** The body may repeat what the path says, as `models/<name>`, and no more. */
function checkModel(value: JsonValue | undefined, asked: string): void {
  if (value === undefined || value === asked || value === `models/${asked}`) return;
  throw new GatewayError('invalid_request', 'the model stands in the path, and the body names another one', {
    param: 'model',
  });
}

const SERVICE_TIERS: Readonly<Record<string, string>> = {
  unspecified: 'auto',
  standard: 'default',
  flex: 'flex',
  priority: 'priority',
};

function readServiceTier(fields: Fields, { values, paths }: FoundParameters): void {
  const value = fields.value('serviceTier');
  if (value === undefined) return;
  const path = fields.path('serviceTier');
  values['service_tier'] = SERVICE_TIERS[requireWord(value, path, Object.keys(SERVICE_TIERS))] ?? null;
  paths['service_tier'] = path;
}

/** To keep nothing is everywhere the same; to keep something is a matter of each vendor's own logs. */
function readStore(fields: Fields, { values, paths }: FoundParameters, found: UnplacedFields): void {
  const store = optionalBoolean(fields.value('store'), 'store');
  if (store === true) found.protocol.push('store');
  if (store !== false) return;
  values['store'] = false;
  paths['store'] = 'store';
}
