import type { Tool, ToolChoice } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { noteMembers, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { requireToolName, type ToolNameRule } from '../tool-name.ts';

const FUNCTION = knownMembers('type name description parameters strict', 'allowed_callers defer_loading output_schema');
const NAMED = knownMembers('type name');
const ALLOWED = knownMembers('type mode tools');
const TOOL_NAME: ToolNameRule = {
  pattern: /^[a-zA-Z0-9_-]{1,64}$/,
  words: '1 to 64 letters, digits, dashes or underscores',
};

/** The functions among the tools; those the vendor runs or defines are of its protocol only. @throws GatewayError */
export function decodeTools(value: JsonValue | undefined, findings: Findings): readonly Tool[] {
  if (value === undefined || value === null) return [];
  const names = new Set<string>();
  return requireArray(value, 'tools').flatMap((entry, index) => {
    const path = `tools[${index}]`;
    const tool = requireObject(entry, path);
    if (requireString(tool['type'], `${path}.type`) !== 'function') {
      findings.protocolFields.push(path);
      return [];
    }
    noteMembers(withoutDirectCaller(tool), FUNCTION, path, findings);
    findings.parameterPaths[`tools[${names.size}].function`] = path;
    const name = requireToolName(tool['name'], `${path}.name`, TOOL_NAME, names);
    return [
      {
        name,
        description: optionalString(tool['description'], `${path}.description`),
        parameters: optionalObject(tool['parameters'], `${path}.parameters`),
        strict: optionalBoolean(tool['strict'], `${path}.strict`),
      },
    ];
  });
}

/** A tool the model itself calls is what there is without saying so. */
function withoutDirectCaller(tool: JsonObject): JsonObject {
  if (JSON.stringify(tool['allowed_callers']) !== '["direct"]') return tool;
  const { allowed_callers: _direct, ...rest } = tool;
  return rest;
}

/** Decodes `tool_choice`. @throws GatewayError */
export function decodeToolChoice(
  value: JsonValue | undefined,
  tools: readonly Tool[],
  findings: Findings,
): ToolChoice | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') {
    const mode = requireWord(value, 'tool_choice', ['auto', 'none', 'required']) as 'auto' | 'none' | 'required';
    // A vendor's own tools may be what is required: they have made the request refused, or will.
    if (mode === 'required' && tools.length === 0 && findings.protocolFields.length === 0) {
      throw new GatewayError('invalid_request', '`tool_choice` is `required`, but there are no tools', {
        param: 'tool_choice',
      });
    }
    return { mode };
  }
  const choice = requireObject(value, 'tool_choice');
  switch (requireString(choice['type'], 'tool_choice.type')) {
    case 'function':
      return { mode: 'named', name: decodeNamed(choice, 'tool_choice', tools, findings) };
    case 'allowed_tools':
      return decodeAllowed(choice, tools, findings);
    default:
      findings.protocolFields.push('tool_choice');
      return null;
  }
}

function decodeAllowed(choice: JsonObject, tools: readonly Tool[], findings: Findings): ToolChoice | null {
  noteMembers(choice, ALLOWED, 'tool_choice', findings);
  const required = requireWord(choice['mode'], 'tool_choice.mode', ['auto', 'required']) === 'required';
  const names = requireArray(choice['tools'], 'tool_choice.tools').flatMap((entry, index) => {
    const path = `tool_choice.tools[${index}]`;
    const tool = requireObject(entry, path);
    if (requireString(tool['type'], `${path}.type`) === 'function') return [decodeNamed(tool, path, tools, findings)];
    findings.protocolFields.push(path);
    return [];
  });
  if (names.length > 0 || findings.protocolFields.length > 0) return { mode: 'allowed', names, required };
  throw new GatewayError('invalid_request', '`tool_choice` allows no tool at all: say `none`', {
    param: 'tool_choice.tools',
  });
}

function decodeNamed(named: JsonObject, path: string, tools: readonly Tool[], findings: Findings): string {
  noteMembers(named, NAMED, path, findings);
  const name = requireString(named['name'], `${path}.name`);
  if (tools.some((tool) => tool.name === name)) return name;
  throw new GatewayError('invalid_request', `\`tool_choice\` names \`${name}\`, which is not among the tools`, {
    param: `${path}.name`,
  });
}
