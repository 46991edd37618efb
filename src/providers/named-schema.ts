import type { Adjustment } from '../core/adjustment.ts';
import { UNNAMED_FORMAT, type ResponseFormat } from '../core/chat.ts';
import type { JsonObject } from '../core/json.ts';

type SchemaFormat = Extract<ResponseFormat, { type: 'json_schema' }>;

export interface NamedSchema {
  /** `null`: the client gave none. */
  readonly schema: JsonObject | null;
  readonly adjustments: readonly Adjustment[];
}

/**
 * The schema of a format for a vendor whose formats have no name of their own: the client's name and
 * description become the schema's title and description, unless it has its own already.
 */
export function namedSchema(format: SchemaFormat, at: string): NamedSchema {
  const { schema } = format;
  const adjustments: Adjustment[] = [];
  const labels: Record<string, string> = {};
  for (const [member, label] of [
    ['name', 'title'],
    ['description', 'description'],
  ] as const) {
    const asked = format[member];
    if (asked === null || asked === UNNAMED_FORMAT || schema?.[label] === asked) continue;
    if (schema !== null && schema[label] === undefined) {
      labels[label] = asked;
      continue;
    }
    const reason = schema === null ? 'this vendor names schemas only' : `the schema has a ${label} of its own`;
    adjustments.push({
      param: `response_format.json_schema.${member}`,
      asked,
      sent: null,
      kind: 'dropped',
      reason,
      at,
    });
  }
  return { schema: schema === null ? null : { ...labels, ...schema }, adjustments };
}
