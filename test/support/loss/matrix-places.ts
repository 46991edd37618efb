import { FIELD_MATRIX, type MatrixField, type MatrixVendor } from '../../../src/catalog/field-matrix.ts';
import { cellOf } from '../../../src/catalog/matrix-cell.ts';
import type { Capabilities } from '../../../src/core/capabilities.ts';
import { clientPath, type ChatRequest } from '../../../src/core/chat.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { isWithin } from '../json-leaves.ts';

/** Which row of the published matrix a place in a client's body belongs to, and what of its path lies inside the field. */
export interface MatrixPlace {
  readonly row: MatrixField;
  readonly rest: string;
}

/** Fields of one dialect's bodies by path, each with its row's name: of `text` it depends on who speaks, of `image` on what it is. */
export type PlaceTable = readonly (readonly [path: RegExp, row: string])[];

const ROWS = new Map(FIELD_MATRIX.map((row) => [row.field, row]));
const OUTPUT_CAP = 'max_completion_tokens, max_tokens';
/** Parameters whose row has another name. */
const PARAMETER_ROWS: Readonly<Record<string, string>> = {
  max_tokens: OUTPUT_CAP,
  max_completion_tokens: OUTPUT_CAP,
  parallel_tool_calls: 'parallel_tool_calls false',
  modalities: 'modalities with audio, audio',
  audio: 'modalities with audio, audio',
};

/** The row of the matrix with this name, or of the parameter. */
export function matrixRow(name: string): MatrixField {
  const row = ROWS.get(PARAMETER_ROWS[name] ?? name);
  if (row === undefined) throw new Error(`the matrix has no row for ${name}`);
  return row;
}

/** The place of a leaf; `null` where the matrix has no row for it: ids, words that tell kinds apart, names of files. */
export function placeOf(
  path: string,
  value: JsonValue,
  { request, body }: { readonly request: ChatRequest; readonly body: JsonObject },
  table: PlaceTable,
  roleOf: (path: string, body: JsonObject) => string | null,
): MatrixPlace | null {
  const rowName = (name: string): string => {
    if (name === 'text') return textRow(roleOf(path, body), path, request);
    if (name !== 'image') return name;
    if (roleOf(path, body) === 'tool') return 'messages[] tool, with an image';
    return typeof value === 'string' && value.startsWith('http') ? 'image_url with an address' : 'image_url with data';
  };
  for (const [pattern, name] of table) {
    const found = pattern.exec(path);
    if (found === null) continue;
    return { row: matrixRow(rowName(name)), rest: path.slice(found.index + found[0].length) };
  }
  for (const name of Object.keys(request.parameters)) {
    // What only follows from the form of a request stands nowhere in it.
    if (request.dialect === 'openai-chat' && body[name] === undefined) continue;
    if (isWithin(path, clientPath(request, name))) return { row: matrixRow(name), rest: '' };
  }
  return null;
}

function textRow(role: string | null, path: string, { messages }: ChatRequest): string {
  if (role === 'tool') return 'messages[] tool';
  if (role !== 'system') return 'messages[].content text';
  const index = messages.findIndex((message) => message.path !== null && isWithin(path, message.path));
  const isLate = messages.slice(0, index).some(({ role: said }) => said !== 'system' && said !== 'developer');
  return `messages[] system or developer, ${isLate ? 'later' : 'at the start'}`;
}

/** What a vendor writes beside the published place of a row, said in other words: a failed call's result. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'google messages[] tool': ['/contents/*/parts/*/functionResponse/response'],
};

/** The JSON pointers the published matrix names for the field at a model of the vendor. */
export function pointersOf(row: MatrixField, vendor: MatrixVendor, capabilities: Capabilities): readonly string[] {
  const { pointers } = cellOf(row, vendor, capabilities);
  return [...pointers, ...(BESIDE[`${vendor} ${row.field}`] ?? [])];
}
