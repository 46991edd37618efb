import type { Tool, ToolChoice } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalString,
  requireArray,
  requireObject,
  requireString,
  requireWord,
} from '../member-checks.ts';
import { noteMembers, noteParameter, type Findings } from '../findings.ts';
import { knownMembers } from '../known-members.ts';
import { requireToolName, type ToolNameRule } from '../tool-name.ts';

const TOOL = knownMembers(
  'type name description input_schema strict',
  'allowed_callers cache_control defer_loading eager_input_streaming input_examples',
);
const CHOICE = knownMembers('type name disable_parallel_tool_use');
const TOOL_NAME: ToolNameRule = {
  pattern: /^[a-zA-Z0-9_-]{1,128}$/,
  words: '1 to 128 letters, digits, dashes or underscores',
};

/** The tools that are the client's own; those the vendor runs or defines are of its protocol only. @throws GatewayError */
export function decodeTools(value: JsonValue | undefined, findings: Findings): readonly Tool[] {
  if (value === undefined || value === null) return [];
  const names = new Set<string>();
  return requireArray(value, 'tools').flatMap((entry, index) => {
    const path = `tools[${index}]`;
    const tool = requireObject(entry, path);
    if ((tool['type'] ?? 'custom') !== 'custom') {
      findings.protocolFields.push(path);
      return [];
    }
    noteMembers(tool, TOOL, path, findings);
    const place = `tools[${names.size}].function`;
    const name = requireToolName(tool['name'], `${path}.name`, TOOL_NAME, names);
    findings.parameterPaths[place] = path;
    findings.parameterPaths[`${place}.parameters`] = `${path}.input_schema`;
    return [
      {
        name,
        description: optionalString(tool['description'], `${path}.description`),
        parameters: requireObject(tool['input_schema'], `${path}.input_schema`),
        strict: optionalBoolean(tool['strict'], `${path}.strict`),
      },
    ];
  });
}

/** Decodes `tool_choice`. @throws GatewayError */
export function decodeToolChoice(
  value: JsonValue | undefined,
  tools: readonly Tool[],
  findings: Findings,
): ToolChoice | null {
  const choice = optionalObject(value, 'tool_choice');
  if (choice === null) return null;
  const type = requireWord(choice['type'], 'tool_choice.type', ['auto', 'any', 'tool', 'none']);
  noteMembers(choice, CHOICE, 'tool_choice', findings);
  const single = optionalBoolean(choice['disable_parallel_tool_use'], 'tool_choice.disable_parallel_tool_use');
  if (single === true) {
    noteParameter('parallel_tool_calls', false, 'tool_choice.disable_parallel_tool_use', findings);
  }
  if (type === 'auto' || type === 'none') return { mode: type };
  const hasVendorTools = findings.protocolFields.some((path) => /^tools\[\d+\]$/.test(path));
  if (tools.length === 0 && !hasVendorTools) {
    throw new GatewayError('invalid_request', `\`tool_choice\` is \`${type}\`, but there are no tools`, {
      param: 'tool_choice',
    });
  }
  if (type === 'any') return { mode: 'required' };
  const name = requireString(choice['name'], 'tool_choice.name');
  if (!hasVendorTools && !tools.some((tool) => tool.name === name)) {
    throw new GatewayError('invalid_request', `\`tool_choice\` names \`${name}\`, which is not among the tools`, {
      param: 'tool_choice.name',
    });
  }
  return { mode: 'named', name };
}
