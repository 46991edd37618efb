import type { Adjustment } from '../core/adjustment.ts';
import { nativeSchema } from '../core/capabilities.ts';
import type { ResponseFormat } from '../core/chat.ts';
import type { Deployment } from '../core/deployment.ts';
import type { JsonObject } from '../core/json.ts';
import type { SchemaChange } from '../core/model-limits.ts';
import { formOf } from './prompt-form.ts';

/** How a response format reaches a model that may not have it. */
export interface FormatPlan {
  /** What the vendor is asked for natively; `null`: nothing. */
  readonly native: ResponseFormat | null;
  /** What the prompt says in its stead; `null`: the vendor has the format. */
  readonly instruction: string | null;
  readonly adjustments: readonly Adjustment[];
}

/** Of a deployment, what decides how a format reaches it. */
type FormatTarget = Pick<Deployment, 'capabilities' | 'kind' | 'modelId' | 'prompt'>;

/**
 * Decides between the vendor's own structured output and saying the format in the prompt. An
 * emulated answer is checked against the original schema like any other.
 * @param written the schema in the client's own text, where it must be said in no other
 */
export function planFormat(
  asked: ResponseFormat | null,
  deployment: FormatTarget,
  written: string | null = null,
): FormatPlan {
  if (asked === null || asked.type === 'text') return { native: asked, instruction: null, adjustments: [] };
  const { capabilities, kind: at } = deployment;
  const { features } = capabilities;
  if (asked.type === 'json_object' && features.has('json_object')) {
    return { native: asked, instruction: null, adjustments: [] };
  }
  const fitted = asked.type === 'json_schema' ? nativeSchema(capabilities, asked.schema) : null;
  if (asked.type === 'json_schema' && fitted !== null && fitted.schema !== null) {
    return nativePlan(asked, { schema: fitted.schema, changes: fitted.changes }, at);
  }
  const native: ResponseFormat | null = features.has('json_object') ? { type: 'json_object' } : null;
  const place = fitted?.changes[0]?.path ?? '';
  const why = fitted === null ? `the vendor has no ${asked.type}` : `the vendor does not take \`${pointer(place)}\``;
  return {
    native,
    instruction: instructionFor(asked, deployment, written),
    adjustments: [
      {
        param: 'response_format',
        asked: asked.type,
        sent: native?.type ?? null,
        kind: 'emulated',
        reason: `${why}: it is asked for in the prompt and checked on the answer`,
        at,
      },
    ],
  };
}

type SchemaFormat = Extract<ResponseFormat, { type: 'json_schema' }>;
const SCHEMA = 'response_format.json_schema.schema';

/** The vendor's own structured output. What it does not enforce of the schema is said, and checked on the answer. */
function nativePlan(
  asked: SchemaFormat,
  fitted: { schema: JsonObject; changes: readonly SchemaChange[] },
  at: string,
): FormatPlan {
  // A format without a schema stays one.
  const isSame = asked.schema === null || fitted.schema === asked.schema;
  const adjustments = fitted.changes.map((change): Adjustment => ({
    param: SCHEMA + change.path,
    asked: change.asked,
    sent: change.sent,
    kind: change.sent === null ? 'dropped' : 'rewritten',
    reason: 'the vendor does not enforce it so: it is told in the description, and checked on the answer',
    at,
  }));
  const native = isSame ? asked : { ...asked, schema: fitted.schema };
  return { native, instruction: null, adjustments: isSame ? [] : adjustments };
}

/** The JSON pointer of a path below the schema: `#/properties/a`. */
export function pointer(path: string): string {
  return `#${path.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`;
}

/** A schema in a fence of code would have the answer come in one too. */
function instructionFor(
  format: Exclude<ResponseFormat, { type: 'text' }>,
  deployment: FormatTarget,
  written: string | null,
): string {
  const plain = 'Answer with one JSON object and nothing else: no prose around it, no code fence.';
  if (format.type === 'json_object' || format.schema === null) return plain;
  const described = format.description === null ? '' : ` ${format.description}`;
  const schema = written ?? JSON.stringify(format.schema);
  const said = `${plain}${described} The JSON must be valid against this JSON Schema:\n`;
  if (formOf(deployment).fences === 'markdown') return said + schema;
  // In JSON, `<` stands in texts only, where it has another spelling.
  const fenced = schema.replaceAll(/<(?=[\s/]*json_schema)/gi, '\\u003c');
  return `${said}<json_schema>\n${fenced}\n</json_schema>`;
}
