import { type JsonObject, objectMember, stringMember } from '../../core/json.ts';
import type { CalledTool, Question, ReceivedImage, Turn } from '../question.ts';
import { RequestRefused } from './protocol.ts';
import { encodedImage, namesOf, objectsOf, unknownName } from './read.ts';

const PART = namesOf(
  'text thought thoughtSignature inlineData fileData functionCall functionResponse videoMetadata mediaResolution',
);

/** Reads the conversation as Google does: calls are answered by as many results, matched by name and order. @throws RequestRefused */
export function readContents(body: JsonObject): Pick<Question, 'system' | 'turns'> {
  const contents = objectsOf(body['contents']);
  if (contents.length === 0) refuse('* GenerateContentRequest.contents: contents is not specified');
  const turns: Turn[] = [];
  let open: readonly CalledTool[] = [];
  contents.forEach((content, index) => {
    const role = content['role'] ?? 'user';
    if (role !== 'user' && role !== 'model') refuse('Please use a valid role: user, model.');
    const parts = objectsOf(content['parts']);
    if (parts.length === 0)
      refuse(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`);
    parts.forEach((part, at) => {
      const unknown = unknownName(part, PART);
      if (unknown !== null)
        refuse(
          `Invalid JSON payload received. Unknown name "${unknown}" at 'contents[${index}].parts[${at}]': Cannot find field.`,
        );
    });
    // Contents of the model that follow each other are one turn: clients keep each chunk of a stream as a content.
    const goesOn = role === 'model' && contents[index - 1]?.['role'] === 'model';
    if (role === 'user') open = readUser(parts, open, turns);
    else open = goesOn ? [...open, ...readModel(parts, turns)] : readModel(parts, turns);
  });
  if (contents.at(-1)?.['role'] === 'model')
    refuse('Please ensure that multiturn requests end with a user role or a function response.');
  return { system: textOf(objectsOf(objectMember(body, 'systemInstruction')?.['parts'])), turns };
}

function readModel(parts: readonly JsonObject[], turns: Turn[]): readonly CalledTool[] {
  const calls = parts.flatMap((part) => {
    const call = objectMember(part, 'functionCall');
    return call === null
      ? []
      : [
          {
            id: stringMember(call, 'id') ?? '',
            name: stringMember(call, 'name') ?? '',
            arguments: JSON.stringify(call['args'] ?? {}),
          },
        ];
  });
  const last = turns.at(-1);
  const text = textOf(parts);
  if (last?.role === 'assistant') {
    turns[turns.length - 1] = { role: 'assistant', text: last.text + text, calls: [...last.calls, ...calls] };
  } else turns.push({ role: 'assistant', text, calls });
  return calls;
}

function readUser(parts: readonly JsonObject[], open: readonly CalledTool[], turns: Turn[]): readonly CalledTool[] {
  const results = parts.map((part) => objectMember(part, 'functionResponse')).filter((result) => result !== null);
  if (results.length !== open.length) {
    refuse(
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    );
  }
  const left = [...open];
  for (const result of results) {
    const at = left.findIndex(
      (call) =>
        call.name === result['name'] && (result['id'] === undefined || call.id === '' || call.id === result['id']),
    );
    const [call] = at === -1 ? [] : left.splice(at, 1);
    if (call === undefined)
      refuse(`No function call with the name ${JSON.stringify(result['name'] ?? '')} precedes its response.`);
    const response = objectMember(result, 'response');
    if (response === null) refuse('Function response must be an object.');
    const output = response['output'] ?? response['result'] ?? response['error'] ?? response;
    turns.push({ role: 'tool', text: typeof output === 'string' ? output : JSON.stringify(output), call });
  }
  const text = textOf(parts);
  const images = parts.flatMap(readImage);
  if (text !== '' || images.length > 0) turns.push({ role: 'user', text, images });
  return [];
}

function readImage(part: JsonObject): readonly ReceivedImage[] {
  const inline = objectMember(part, 'inlineData');
  if (inline !== null)
    return [encodedImage(stringMember(inline, 'mimeType') ?? 'unknown', stringMember(inline, 'data') ?? '')];
  return objectMember(part, 'fileData') === null ? [] : [{ mediaType: 'unknown', bytes: null }];
}

function textOf(parts: readonly JsonObject[]): string {
  return parts
    .filter((part) => part['thought'] !== true)
    .map((part) => stringMember(part, 'text') ?? '')
    .filter((text) => text !== '')
    .join('\n');
}

function refuse(message: string): never {
  throw new RequestRefused(400, message);
}
