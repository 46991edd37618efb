import type { Tool, ToolChoice } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { protoKey } from '../../core/proto-names.ts';
import {
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { knownMembers } from '../known-members.ts';
import type { UnplacedFields } from '../unplaced-fields.ts';
import { Fields } from './fields.ts';
import { fromOpenApiSchema } from './openapi-schema.ts';

/** Whatever else a tool may be runs at the vendor. */
const TOOL = knownMembers(
  'functionDeclarations',
  'googleSearch googleSearchRetrieval codeExecution computerUse urlContext fileSearch googleMaps retrieval ' +
    'enterpriseWebSearch mcpServers exaAiSearch parallelAiSearch',
);
const DECLARATION = knownMembers(
  'name description parameters parametersJsonSchema',
  'behavior response responseJsonSchema',
);
const CONFIG = knownMembers('functionCallingConfig', 'retrievalConfig includeServerSideToolInvocations');
const CALLING = knownMembers('mode allowedFunctionNames', 'streamFunctionCallArguments');
const NAME = /^[A-Za-z_][\w.:-]{0,127}$/;
/** Names every vendor takes; longer ones and those with dots or colons only this protocol has. */
const COMMON_NAME = /^[\w-]{1,64}$/;

/** Decodes the functions of `tools`. @throws GatewayError */
export function decodeTools(
  value: JsonValue | undefined,
  path: string,
  found: UnplacedFields,
  paths: Record<string, string>,
): readonly Tool[] {
  const tools: Tool[] = [];
  requireArray(value ?? [], path).forEach((entry, index) => {
    const at = `${path}[${index}]`;
    const fields = new Fields(requireObject(entry, at), at, TOOL, found);
    const declarations = fields.path('functionDeclarations');
    requireArray(fields.value('functionDeclarations') ?? [], declarations).forEach((declared, position) => {
      const place = `${declarations}[${position}]`;
      const own = requireObject(declared, place);
      const tool = decodeDeclaration(own, place, found);
      const name = own['parameters'] === undefined ? protoKey(own, 'parametersJsonSchema') : 'parameters';
      paths[`tools[${tools.length}].function`] = place;
      paths[`tools[${tools.length}].function.parameters`] = `${place}.${name}`;
      if (tools.some((known) => known.name === tool.name)) {
        throw new GatewayError('param_out_of_range', `two functions are called \`${tool.name}\``, {
          param: `${place}.name`,
        });
      }
      tools.push(tool);
    });
  });
  return tools;
}

function decodeDeclaration(declaration: JsonObject, path: string, found: UnplacedFields): Tool {
  const fields = new Fields(declaration, path, DECLARATION, found);
  const name = requireString(fields.value('name'), `${path}.name`);
  if (!NAME.test(name)) {
    throw new GatewayError(
      'param_out_of_range',
      `\`${path}.name\` must be 1 to 128 letters, digits, underscores, dots, colons or dashes, and begin with a letter or an underscore`,
      { param: `${path}.name` },
    );
  }
  if (!COMMON_NAME.test(name)) found.protocol.push(`${path}.name`);
  const jsonSchema = optionalObject(fields.value('parametersJsonSchema'), fields.path('parametersJsonSchema'));
  const openApi = optionalObject(fields.value('parameters'), fields.path('parameters'));
  if (jsonSchema !== null && openApi !== null) {
    const param = fields.path('parametersJsonSchema');
    throw new GatewayError('invalid_request', `send \`parameters\` or \`${param}\`, not both`, { param });
  }
  return {
    name,
    description: optionalString(fields.value('description'), `${path}.description`),
    parameters: jsonSchema ?? (openApi === null ? null : fromOpenApiSchema(openApi)),
    strict: null,
  };
}

/** Decodes `toolConfig`. @throws GatewayError */
export function decodeToolConfig(
  value: JsonValue | undefined,
  path: string,
  tools: readonly Tool[],
  found: UnplacedFields,
): ToolChoice | null {
  const config = optionalObject(value, path);
  if (config === null) return null;
  const fields = new Fields(config, path, CONFIG, found);
  const at = fields.path('functionCallingConfig');
  const calling = optionalObject(fields.value('functionCallingConfig'), at);
  if (calling === null) return null;
  const members = new Fields(calling, at, CALLING, found);
  const mode = requireWord(members.value('mode') ?? 'AUTO', `${at}.mode`, [
    'MODE_UNSPECIFIED',
    'AUTO',
    'ANY',
    'NONE',
    'VALIDATED',
  ]);
  const names = decodeNames(members, tools);
  switch (mode) {
    case 'ANY':
      return chooseAny(names, tools, `${at}.mode`);
    case 'VALIDATED':
      if (names.length > 0) return { mode: 'allowed', names, required: false };
      // Calls are held to their schemas: a strictness of this vendor's own.
      found.protocol.push(`${at}.mode`);
      return { mode: 'auto' };
    default:
      if (names.length === 0) return { mode: mode === 'NONE' ? 'none' : 'auto' };
      throw new GatewayError('invalid_request', 'allowed function names go with the modes ANY and VALIDATED only', {
        param: members.path('allowedFunctionNames'),
      });
  }
}

function decodeNames(members: Fields, tools: readonly Tool[]): readonly string[] {
  const path = members.path('allowedFunctionNames');
  return requireArray(members.value('allowedFunctionNames') ?? [], path).map((entry, index) => {
    const name = requireString(entry, `${path}[${index}]`);
    if (tools.some((tool) => tool.name === name)) return name;
    throw new GatewayError('invalid_request', `\`${name}\` is not among the functions`, { param: `${path}[${index}]` });
  });
}

function chooseAny(names: readonly string[], tools: readonly Tool[], path: string): ToolChoice {
  const [only] = names;
  if (tools.length === 0) {
    throw new GatewayError('invalid_request', 'the mode is ANY, but no function is declared', { param: path });
  }
  if (only === undefined) return { mode: 'required' };
  return names.length === 1 ? { mode: 'named', name: only } : { mode: 'allowed', names, required: true };
}
