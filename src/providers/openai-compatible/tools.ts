import { usesFunctions, type ResponseFormat, type Tool, type ToolChoice } from '../../core/chat.ts';
import { droppedUnknown } from '../../core/dropped-unknown.ts';
import type { JsonObject } from '../../core/json.ts';
import { locateMembers } from '../../core/json-scan.ts';
import type { RequestDraft } from './draft.ts';

/** Tools in the protocol's form. */
export function encodeTools(tools: readonly Tool[]): readonly JsonObject[] {
  return tools.map(({ name, description, parameters, strict, custom }) => {
    const said = { name, ...(description === null ? {} : { description }) };
    if (custom !== undefined) {
      return { type: 'custom', custom: { ...said, ...(custom.format === null ? {} : { format: custom.format }) } };
    }
    const takes = parameters === null ? {} : { parameters };
    return { type: 'function', function: { ...said, ...takes, ...(strict === null ? {} : { strict }) } };
  });
}

/** A choice of tools in the protocol's form. */
export function encodeToolChoice(choice: ToolChoice, tools: readonly Tool[]): JsonObject | string {
  switch (choice.mode) {
    case 'named':
      return namedTool(choice.name, tools);
    case 'allowed':
      return {
        type: 'allowed_tools',
        allowed_tools: {
          mode: choice.required ? 'required' : 'auto',
          tools: choice.names.map((name) => namedTool(name, tools)),
        },
      };
    default:
      return choice.mode;
  }
}

function namedTool(name: string, tools: readonly Tool[]): JsonObject {
  const isCustom = tools.some((tool) => tool.name === name && tool.custom !== undefined);
  return isCustom ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } };
}

/** A response format in the protocol's form. */
export function encodeFormat(format: ResponseFormat): JsonObject {
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, description, schema, strict } = format;
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description === null ? {} : { description }),
      ...(schema === null ? {} : { schema }),
      ...(strict === null ? {} : { strict }),
    },
  };
}

/** The tools of a client of the protocol, each with its own bytes: fewer of them where some alone are offered, and `functions` as the tools they are. */
export function fitOwnTools(draft: RequestDraft): void {
  const { request, tools, toolChoice } = draft.adapted;
  const isLegacy = usesFunctions(request);
  if (isLegacy) {
    draft.remove('functions');
    draft.remove('function_call');
  } else if (tools === request.tools && toolChoice === request.toolChoice) return;
  if (tools.length === 0) return;
  const written = draft.written(isLegacy ? 'functions' : 'tools') ?? Buffer.from('[]');
  const declared = [...locateMembers(written).values()].map((span) => written.subarray(...span));
  const offered = declared.filter((_, index) => tools.includes(request.tools[index] as Tool));
  const opening = isLegacy ? '{"type":"function","function":' : '';
  const list = offered.flatMap((tool, index) => [
    Buffer.from((index === 0 ? '[' : ',') + opening),
    tool,
    Buffer.from(isLegacy ? '}' : ''),
  ]);
  draft.setJson('tools', Buffer.concat([...list, Buffer.from(']')]));
  const asked = isLegacy ? 'function_call' : 'tool_choice';
  draft.adjustments.push(...droppedUnknown(request, asked, draft.deployment.kind));
  if (toolChoice === null) draft.remove('tool_choice');
  else draft.set('tool_choice', encodeToolChoice(toolChoice, tools));
}
