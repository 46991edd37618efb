import type { Adjustment } from '../core/adjustment.ts';
import type { ResponseFormat } from '../core/chat.ts';
import type { JsonObject } from '../core/json.ts';

type SchemaFormat = Extract<ResponseFormat, { type: 'json_schema' }>;

export interface NamedSchema {
  readonly schema: JsonObject;
  readonly adjustments: readonly Adjustment[];
}

/**
 * The schema of a format for a vendor whose formats have no name of their own: the client's name and
 * description become the schema's title and description, unless it has its own already.
 */
export function namedSchema(format: SchemaFormat, at: string): NamedSchema {
  const schema = format.schema ?? { type: 'object' };
  const adjustments: Adjustment[] = [];
  const labels: Record<string, string> = {};
  for (const [member, label] of [
    ['name', 'title'],
    ['description', 'description'],
  ] as const) {
    const asked = format[member];
    if (asked === null || schema[label] === asked) continue;
    if (schema[label] === undefined) {
      labels[label] = asked;
      continue;
    }
    const reason = `this vendor takes one ${label}, and the schema has its own`;
    adjustments.push({ param: `response_format.json_schema.${member}`, asked, sent: null, kind: 'dropped', reason, at });
  }
  return { schema: { ...labels, ...schema }, adjustments };
}
