import { type JsonValue, isJsonObject, parseJson } from '../../core/json.ts';

type Breakage = (json: string) => string;

const BREAKAGES: readonly Breakage[] = [
  (json) => `\`\`\`json\n${json}\n\`\`\``,
  (json) => `${json.trimEnd().slice(0, -1).trimEnd()},${json.trimEnd().slice(-1)}`,
  (json) => `Here is the JSON you asked for:\n${json}\nLet me know if anything is missing.`,
  (json) => json.slice(0, Math.max(1, Math.floor(json.length * 0.6))),
];

/** Breaks the JSON of an answer the way models do: a fence, a trailing comma, prose around it, the end missing; in turn. Prose stays as it is. */
export function malform(text: string, occurrence: number): string {
  const value: JsonValue | undefined = parseJson(text);
  if (!isJsonObject(value) && !Array.isArray(value)) return text;
  return (BREAKAGES[occurrence % BREAKAGES.length] as Breakage)(text);
}
