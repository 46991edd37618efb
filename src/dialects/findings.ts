import type { JsonObject, JsonValue } from '../core/json.ts';
import type { KnownMembers } from './known-members.ts';

/** What is found in a request beside its conversation and its tools, while they are read. */
export interface Findings {
  readonly parameters: Record<string, JsonValue>;
  readonly parameterPaths: Record<string, string>;
  readonly unknownFields: string[];
  readonly protocolFields: string[];
}

/** Notes the members that are not read. `null` asks for nothing, and neither does `false`, or a caller that is the model itself. */
export function noteMembers(object: JsonObject, known: KnownMembers, path: string, findings: Findings): void {
  for (const name in object) {
    const value = object[name] ?? null;
    if (known.read.has(name) || value === null) continue;
    const at = path === '' ? name : `${path}.${name}`;
    if (!known.own.has(name)) findings.unknownFields.push(at);
    else if (value !== false && !isDirectCaller(name, value)) findings.protocolFields.push(at);
  }
}

/** What the vendor's answers say of each tool call, and histories repeat. */
function isDirectCaller(name: string, value: JsonValue): boolean {
  return name === 'caller' && JSON.stringify(value) === '{"type":"direct"}';
}

/** Notes a parameter under its name everywhere, with where this dialect has it. */
export function noteParameter(name: string, value: JsonValue, path: string, findings: Findings): void {
  findings.parameters[name] = value;
  if (path !== name) findings.parameterPaths[name] = path;
}
