import type { Tool, ToolChoice } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import {
  noteUnknown,
  optionalBoolean,
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { requireToolName, type ToolNameRule } from '../tool-name.ts';

/** What a request says of its tools. */
export interface DecodedTools {
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
  /** Whether they are declared as `functions`, of which one is called at a time and answers have a form of their own. */
  readonly isLegacy: boolean;
}

const KNOWN_TOOL = new Set(['type', 'function', 'custom']);
const KNOWN_FUNCTION = new Set(['name', 'description', 'parameters', 'strict']);
const KNOWN_LEGACY_FUNCTION = new Set(['name', 'description', 'parameters']);
const KNOWN_CUSTOM = new Set(['name', 'description', 'format']);
const NAMED_ONLY = new Set(['name']);
/** The longest and freest of any vendor; each model's own rule is the plan's to check. */
const TOOL_NAME: ToolNameRule = {
  pattern: /^[a-zA-Z0-9_.:-]{1,128}$/,
  words: '1 to 128 letters, digits, dashes, underscores, dots or colons',
};

/** Decodes `tools` and `tool_choice`, or `functions` and `function_call`, as they were called first. @throws GatewayError */
export function decodeTools(json: JsonObject, unknownFields: string[]): DecodedTools {
  const functions = json['functions'] ?? null;
  const call = json['function_call'] ?? null;
  if (functions === null && call === null) {
    const tools = decodeToolList(json['tools'], unknownFields);
    return { tools, toolChoice: decodeToolChoice(json['tool_choice'], tools, unknownFields), isLegacy: false };
  }
  for (const [newer, older] of [
    ['tools', 'functions'],
    ['tool_choice', 'function_call'],
  ] as const) {
    if ((json[newer] ?? null) === null) continue;
    throw new GatewayError('invalid_request', `send \`${newer}\`, or \`${older}\` as in older clients, not both`, {
      param: newer,
    });
  }
  const names = new Set<string>();
  const tools = requireArray(functions ?? [], 'functions').map((entry, index) => {
    const path = `functions[${index}]`;
    const declared = requireObject(entry, path);
    noteUnknown(declared, KNOWN_LEGACY_FUNCTION, path, unknownFields);
    return decodeFunction(declared, path, names);
  });
  return { tools, toolChoice: decodeFunctionCall(call, tools, unknownFields), isLegacy: true };
}

function decodeToolList(value: JsonValue | undefined, unknownFields: string[]): readonly Tool[] {
  if (value === undefined || value === null) return [];
  const names = new Set<string>();
  return requireArray(value, 'tools').map((entry, index) => {
    const path = `tools[${index}]`;
    const tool = requireObject(entry, path);
    const type = requireWord(tool['type'], `${path}.type`, ['function', 'custom']);
    noteUnknown(tool, KNOWN_TOOL, path, unknownFields);
    const other = type === 'function' ? 'custom' : 'function';
    if ((tool[other] ?? null) !== null) unknownFields.push(`${path}.${other}`);
    const declared = requireObject(tool[type], `${path}.${type}`);
    noteUnknown(declared, type === 'custom' ? KNOWN_CUSTOM : KNOWN_FUNCTION, `${path}.${type}`, unknownFields);
    return type === 'custom'
      ? decodeCustom(declared, `${path}.custom`, names)
      : decodeFunction(declared, `${path}.function`, names);
  });
}

function decodeFunction(declared: JsonObject, path: string, names: Set<string>): Tool {
  return {
    name: decodeName(declared, path, names),
    description: optionalString(declared['description'], `${path}.description`),
    parameters: optionalObject(declared['parameters'], `${path}.parameters`),
    strict: optionalBoolean(declared['strict'], `${path}.strict`),
  };
}

/** What the format says is the vendor's to judge: no other has such tools. */
function decodeCustom(declared: JsonObject, path: string, names: Set<string>): Tool {
  return {
    name: decodeName(declared, path, names),
    description: optionalString(declared['description'], `${path}.description`),
    parameters: null,
    strict: null,
    custom: { format: optionalObject(declared['format'], `${path}.format`) },
  };
}

function decodeName(declared: JsonObject, path: string, names: Set<string>): string {
  return requireToolName(declared['name'], `${path}.name`, TOOL_NAME, names);
}

function decodeToolChoice(
  value: JsonValue | undefined,
  tools: readonly Tool[],
  unknownFields: string[],
): ToolChoice | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') {
    const mode = requireWord(value, 'tool_choice', ['auto', 'none', 'required']) as 'auto' | 'none' | 'required';
    if (mode === 'required' && tools.length === 0) {
      throw new GatewayError('invalid_request', '`tool_choice` is `required`, but there are no tools', {
        param: 'tool_choice',
      });
    }
    return { mode };
  }
  const choice = requireObject(value, 'tool_choice');
  const type = requireWord(choice['type'], 'tool_choice.type', ['function', 'custom', 'allowed_tools']);
  noteUnknown(choice, new Set(['type', type]), 'tool_choice', unknownFields);
  if (type === 'allowed_tools') return decodeAllowedTools(choice, tools, unknownFields);
  return { mode: 'named', name: decodeNamed(choice, 'tool_choice', tools, unknownFields) };
}

function decodeAllowedTools(choice: JsonObject, tools: readonly Tool[], unknownFields: string[]): ToolChoice {
  const path = 'tool_choice.allowed_tools';
  const allowed = requireObject(choice['allowed_tools'], path);
  noteUnknown(allowed, new Set(['mode', 'tools']), path, unknownFields);
  const names = requireArray(allowed['tools'], `${path}.tools`).map((entry, index) => {
    const at = `${path}.tools[${index}]`;
    const tool = requireObject(entry, at);
    const type = requireWord(tool['type'], `${at}.type`, ['function', 'custom']);
    noteUnknown(tool, new Set(['type', type]), at, unknownFields);
    return decodeNamed(tool, at, tools, unknownFields);
  });
  if (names.length === 0) {
    throw new GatewayError('invalid_request', '`tool_choice` allows no tool at all: say `none`', {
      param: `${path}.tools`,
    });
  }
  const required = requireWord(allowed['mode'], `${path}.mode`, ['auto', 'required']) === 'required';
  return { mode: 'allowed', names, required };
}

/** The name of one of the tools, under the word for its type. */
function decodeNamed(choice: JsonObject, path: string, tools: readonly Tool[], unknownFields: string[]): string {
  const type = choice['type'] === 'custom' ? 'custom' : 'function';
  const named = requireObject(choice[type], `${path}.${type}`);
  noteUnknown(named, NAMED_ONLY, `${path}.${type}`, unknownFields);
  const name = requireString(named['name'], `${path}.${type}.name`);
  const tool = tools.find((offered) => offered.name === name);
  if (tool !== undefined && (tool.custom !== undefined) === (type === 'custom')) return name;
  throw new GatewayError('invalid_request', `\`tool_choice\` names \`${name}\`, which is not among the tools`, {
    param: `${path}.${type}.name`,
  });
}

function decodeFunctionCall(value: JsonValue, tools: readonly Tool[], unknownFields: string[]): ToolChoice | null {
  if (value === null) return null;
  if (typeof value === 'string') {
    return { mode: requireWord(value, 'function_call', ['auto', 'none']) as 'auto' | 'none' };
  }
  const named = requireObject(value, 'function_call');
  noteUnknown(named, NAMED_ONLY, 'function_call', unknownFields);
  const name = requireString(named['name'], 'function_call.name');
  if (tools.some((tool) => tool.name === name)) return { mode: 'named', name };
  throw new GatewayError('invalid_request', `\`function_call\` names \`${name}\`, which is not among the functions`, {
    param: 'function_call.name',
  });
}
