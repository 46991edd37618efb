import { type JsonObject, type JsonValue, objectMember, stringMember } from '../../core/json.ts';
import type { Persona } from '../persona.ts';
import type { AnswerFormat, OfferedTool, Question, ToolUse } from '../question.ts';
import { readContents } from './gemini-contents.ts';
import { RequestRefused } from './protocol.ts';
import { integerBetween, namesOf, numberBetween, objectsOf, stringsOf, unknownName } from './read.ts';

const KNOWN = namesOf(
  'contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent model serviceTier store',
);
const CONFIG = namesOf(
  'temperature topP topK candidateCount maxOutputTokens stopSequences responseLogprobs logprobs presencePenalty frequencyPenalty seed responseMimeType responseSchema ' +
    'responseJsonSchema responseModalities thinkingConfig mediaResolution speechConfig enableEnhancedCivicAnswers',
);
const THINKING = namesOf('includeThoughts thinkingBudget thinkingLevel');
const DECLARATION = namesOf('name description parameters parametersJsonSchema response responseJsonSchema behavior');
const MOST_CANDIDATES = 8;
const MOST_STOP_SEQUENCES = 5;

/** Reads a generateContent request as Google does. @throws RequestRefused */
export function readGeminiRequest(body: JsonObject, persona: Persona): Question {
  checkNames(body, KNOWN, '');
  const config = objectMember(body, 'generationConfig') ?? {};
  checkNames(config, CONFIG, 'generation_config');
  checkConfig(config);
  const tools = readTools(body['tools']);
  const format = readFormat(config);
  if (format.type !== 'text' && tools.length > 0)
    refuse("Function calling with a response mime type: 'application/json' is unsupported");
  const stop = stringsOf(config['stopSequences']);
  if (stop.length > MOST_STOP_SEQUENCES)
    refuse(`The number of stop sequences (${stop.length}) exceeds the maximum of ${MOST_STOP_SEQUENCES}.`);
  return {
    ...readContents(body),
    ...readToolConfig(body, tools),
    parallelCalls: true,
    format,
    maxTokens: integerBetween(config, 'maxOutputTokens', 1, persona.outputTokens),
    stop,
    reasoning: readThinking(config),
    choices: integerBetween(config, 'candidateCount', 1, MOST_CANDIDATES) ?? 1,
    stream: false,
    streamUsage: true,
    logprobs: false,
  };
}

function checkNames(object: JsonObject, known: ReadonlySet<string>, path: string): void {
  const unknown = unknownName(object, known);
  if (unknown !== null)
    refuse(
      `Invalid JSON payload received. Unknown name "${unknown}"${path === '' ? '' : ` at '${path}'`}: Cannot find field.`,
      path === '' ? unknown : `${path}.${unknown}`,
    );
}

function checkConfig(config: JsonObject): void {
  numberBetween(config, 'temperature', 0, 2);
  numberBetween(config, 'topP', 0, 1);
  integerBetween(config, 'seed', -2_147_483_648, 2_147_483_647);
  // The models simulated here are of a generation that has neither.
  if ((config['presencePenalty'] ?? 0) !== 0 || (config['frequencyPenalty'] ?? 0) !== 0)
    refuse('Penalty is not enabled for this model');
  if (config['responseLogprobs'] === true || (config['logprobs'] ?? null) !== null)
    refuse('Logprobs is not enabled for this model');
  if (stringsOf(config['responseModalities']).some((modality) => modality.toUpperCase() !== 'TEXT'))
    refuse('This model only supports text output.');
}

function readThinking(config: JsonObject): Question['reasoning'] {
  const thinking = objectMember(config, 'thinkingConfig');
  if (thinking === null) return 'none';
  checkNames(thinking, THINKING, 'generation_config.thinking_config');
  if (thinking['thinkingBudget'] === 0) return 'none';
  if (thinking['includeThoughts'] === true) return 'shown';
  return thinking['thinkingBudget'] === undefined && thinking['thinkingLevel'] === undefined ? 'none' : 'hidden';
}

function readFormat(config: JsonObject): AnswerFormat {
  const mediaType = config['responseMimeType'] ?? 'text/plain';
  const schema = objectMember(config, 'responseJsonSchema') ?? objectMember(config, 'responseSchema');
  if (mediaType !== 'application/json') {
    if (schema !== null) refuse("Response schema is only supported with response mime type: 'application/json'.");
    if (mediaType !== 'text/plain')
      refuse(
        `* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are \`text/plain\`, \`application/json\`.`,
      );
    return { type: 'text' };
  }
  return schema === null ? { type: 'json_object' } : { type: 'json_schema', schema };
}

function readTools(tools: JsonValue | undefined): readonly OfferedTool[] {
  return objectsOf(tools).flatMap((tool, index) => {
    checkNames(tool, namesOf('functionDeclarations'), `tools[${index}]`);
    return objectsOf(tool['functionDeclarations']).map((declared, at) => {
      checkNames(declared, DECLARATION, `tools[${index}].function_declarations[${at}]`);
      const name = stringMember(declared, 'name') ?? '';
      if (!/^[A-Za-z_][\w.:-]{0,127}$/.test(name))
        refuse(`* GenerateContentRequest.tools[${index}].function_declarations[${at}].name: Invalid function name.`);
      const parameters = objectMember(declared, 'parametersJsonSchema') ??
        objectMember(declared, 'parameters') ?? { type: 'object', properties: {} };
      return { name, description: stringMember(declared, 'description') ?? '', parameters };
    });
  });
}

function readToolConfig(
  body: JsonObject,
  tools: readonly OfferedTool[],
): { readonly toolUse: ToolUse; readonly tools: readonly OfferedTool[] } {
  const calling = objectMember(objectMember(body, 'toolConfig') ?? {}, 'functionCallingConfig');
  if (calling === null) return { toolUse: { mode: 'auto' }, tools };
  checkNames(calling, namesOf('mode allowedFunctionNames'), 'tool_config.function_calling_config');
  const mode = calling['mode'] ?? 'AUTO';
  const allowed = stringsOf(calling['allowedFunctionNames']);
  if (allowed.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED')
    refuse('Allowed function names should only be set when function calling mode is ANY or VALIDATED.');
  const unknown = allowed.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown !== undefined) refuse(`Function name ${unknown} in allowed_function_names is not declared.`);
  const offered = allowed.length === 0 ? tools : tools.filter((tool) => allowed.includes(tool.name));
  switch (mode) {
    case 'AUTO':
    case 'VALIDATED':
      return { toolUse: { mode: 'auto' }, tools: offered };
    case 'NONE':
      return { toolUse: { mode: 'none' }, tools: offered };
    case 'ANY':
      return { toolUse: { mode: 'required' }, tools: offered };
    default:
      return refuse(`Invalid value at 'tool_config.function_calling_config.mode', ${JSON.stringify(mode)}`);
  }
}

function refuse(message: string, param: string | null = null): never {
  throw new RequestRefused(400, message, param);
}
