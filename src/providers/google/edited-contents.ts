import type { AdaptedRequest } from '../../core/adapted-request.ts';
import type { Adjustment } from '../../core/adjustment.ts';
import type { Message } from '../../core/chat.ts';
import type { Deployment } from '../../core/deployment.ts';
import { arrayMember, isJsonObject, stringMember, type JsonObject } from '../../core/json.ts';
import { editAt, itemsOf, listOf } from '../../core/json-edit.ts';
import { bytesUnder, locateMembers } from '../../core/json-scan.ts';
import { protoKey } from '../../core/proto-names.ts';
import { openExtra } from '../../core/sealed-extra.ts';
import { thoughtSignature, unsignedCalls } from '../../core/thought-signatures.ts';
import { sentTurns } from '../sent-turns.ts';
import { encodeContents } from './contents.ts';
import { standInSignature } from './signatures.ts';

export interface EditedContents {
  /** `null`: they stay as the client wrote them. */
  readonly bytes: Buffer | null;
  readonly adjustments: readonly Adjustment[];
}

/** What becomes of the signature of one part; `null`: it goes. */
type Signatures = Map<string, string | null>;

/**
 * The client's own contents with the signatures this vendor takes: what Candor sealed for another vendor is
 * taken out, and a call that wants a signature and has none gets the vendor's word for that.
 */
export function editContents(adapted: AdaptedRequest, deployment: Deployment): EditedContents {
  const { bytes, json, spans } = adapted.request.original;
  const span = spans.get('contents');
  const adjustments: Adjustment[] = [];
  const signatures = unsealed(json, adjustments, deployment.kind);
  if (deployment.capabilities.wantsSignatures === true) {
    for (const [message, call] of unsignedCalls(adapted.messages)) {
      const part = /^(contents\[\d+\]\.parts\[\d+\])\./.exec(call.argumentsPath ?? '')?.[1];
      if (part === undefined) continue;
      const { signature, adjustment } = standInSignature(message, deployment.kind);
      adjustments.push(adjustment);
      signatures.set(part, signature);
    }
  }
  const turns = sentTurns(adapted.request, adapted.messages, arrayMember(json, 'contents').length);
  if ((signatures.size === 0 && turns === null) || span === undefined) return { bytes: null, adjustments };
  let edited = bytes.subarray(...span);
  for (const [path, signature] of signatures) {
    const [content = '', part = ''] = path.match(/\d+/g) ?? [];
    const key = protoKey(partAt(json, Number(content), Number(part)), 'thoughtSignature');
    const value = signature === null ? null : Buffer.from(JSON.stringify(signature));
    edited = editAt(edited, [content, 'parts', part, key], value);
  }
  if (turns === null) return { bytes: edited, adjustments };
  const own = itemsOf(edited);
  const contents = turns.flatMap((turn): readonly Buffer[] => {
    if ('own' in turn) return own.slice(turn.own, turn.own + 1);
    return writeContents(turn.written, own, deployment, adjustments);
  });
  return { bytes: listOf(contents), adjustments };
}

/** Contents that are not the client's as it wrote them. Results of functions in them are: these name calls that only the client's own bytes do. */
function writeContents(
  written: readonly Message[],
  own: readonly Buffer[],
  { capabilities, kind }: Deployment,
  adjustments: Adjustment[],
): readonly Buffer[] {
  const results = written.filter(({ role, path }) => role === 'tool' && path !== null);
  const others = written.filter((message) => !results.includes(message));
  const encoded = encodeContents(others, capabilities.wantsSignatures === true, kind);
  adjustments.push(...encoded.adjustments);
  const contents = encoded.contents.map((content) => Buffer.from(JSON.stringify(content)));
  const position = /\[(\d+)\]/.exec(results[0]?.path ?? '')?.[1];
  const first = own[Number(position)];
  if (first === undefined) return contents;
  const kept = partsOf(first).filter((part) => RESULT.some((name) => locateMembers(part).has(name)));
  const said = contents[0] === undefined ? [] : partsOf(contents[0]);
  return [editAt(first, ['parts'], listOf([...kept, ...said])), ...contents.slice(1)];
}

const RESULT = ['functionResponse', 'function_response'];

function partsOf(content: Buffer): readonly Buffer[] {
  const parts = bytesUnder(content, ['parts']);
  return parts === null ? [] : itemsOf(parts);
}

function partAt(json: JsonObject, content: number, part: number): JsonObject {
  const holder = arrayMember(json, 'contents')[content];
  const found = isJsonObject(holder) ? arrayMember(holder, 'parts')[part] : null;
  return isJsonObject(found) ? found : {};
}

/** The parts that carry what Candor sealed; what it holds of other vendors is told to be dropped. */
function unsealed(json: JsonObject, adjustments: Adjustment[], at: string): Signatures {
  const signatures: Signatures = new Map();
  arrayMember(json, 'contents').forEach((content, index) => {
    const parts = isJsonObject(content) ? arrayMember(content, 'parts') : [];
    parts.forEach((part, position) => {
      const sealed = isJsonObject(part)
        ? openExtra(stringMember(part, protoKey(part, 'thoughtSignature')) ?? '')
        : null;
      if (sealed === null) return;
      signatures.set(`contents[${index}].parts[${position}]`, thoughtSignature(sealed));
      for (const [kind, asked] of Object.entries(sealed)) {
        if (kind === 'google') continue;
        adjustments.push({
          param: `contents[${index}].parts[${position}].${protoKey(part as JsonObject, 'thoughtSignature')}`,
          asked,
          sent: null,
          kind: 'dropped',
          reason: 'what another vendor wants back means nothing to this one',
          at,
        });
      }
    });
  });
  return signatures;
}
