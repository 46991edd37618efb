import { isJsonObject, type JsonValue } from '../../core/json.ts';
import { pathKey, spreadKey, type LiteralLines } from './literal-lines.ts';

/**
 * The value as JSON text in which each part stands on the line it has in a source, as far as that is known, so that
 * whoever reads the text cites the lines of the source. A part without a line follows the one before it.
 */
export function jsonOnLines(value: JsonValue, lines: LiteralLines): string {
  let text = '';
  let line = 1;
  const put = (part: string): void => void (text += part);
  const moveTo = (path: readonly (string | number)[]): void => {
    const wanted = lines.get(pathKey(path)) ?? lines.get(spreadKey(path.slice(0, -1))) ?? line;
    if (wanted > line) put('\n'.repeat(wanted - line));
    line = Math.max(line, wanted);
  };
  const write = (part: JsonValue, path: readonly (string | number)[]): void => {
    if (typeof part !== 'object' || part === null) return put(JSON.stringify(part));
    const isMap = isJsonObject(part);
    put(isMap ? '{' : '[');
    for (const [index, [name, member]] of Object.entries(part).entries()) {
      const step = isMap ? name : index;
      if (index > 0) put(', ');
      moveTo([...path, step]);
      if (isMap) put(`${JSON.stringify(name)}: `);
      write(member ?? null, [...path, step]);
    }
    put(isMap ? '}' : ']');
  };
  moveTo([]);
  write(value, []);
  return `${text}\n`;
}
