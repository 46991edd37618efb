import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { isJsonObject, type JsonObject, numberMember, parseJson, stringMember } from '../../core/json.ts';

/*
 * A checkpoint is a signed statement about the chain of one writer. It stands twice: as a line of
 * `journal/checkpoints.jsonl`, and after that as a frame in the chain of the writer that signed it.
 *
 * The statement is JSON with these members in this order:
 *
 *   {"type":"checkpoint","kind","by","writer","segment","seq","head","count","at","previous","key"}
 *
 * The stored text is the statement with one more member at its end, `"signature"`: base64url, Ed25519
 * (RFC 8032) over the UTF-8 bytes of the statement.
 */
const STATEMENT_START = '{"type":"checkpoint","kind":"';
const SIGNATURE_MEMBER = ',"signature":"';
const KEY_ID_CHARACTERS = 16;

const KINDS = ['opened', 'running', 'closed', 'found', 'retired'] as const;

export type CheckpointKind =
  /** The writer begins: frame 0, its head the SHA-256 of its first segment's header. */
  | 'opened'
  /** The writer has come so far. */
  | 'running'
  /** The writer ends; only the frame of this checkpoint comes after what it covers. */
  | 'closed'
  /** The writer is dead; the signer has read its chain to its end, and nothing will come after it. */
  | 'found'
  /** The writer's segments up to this one were deleted when their time was over. */
  | 'retired';

/** What a checkpoint says. */
export interface Statement {
  readonly kind: CheckpointKind;
  /** The writer that signs. */
  readonly by: string;
  /** The writer whose chain it is about. */
  readonly writer: string;
  /** Name of the segment in which the last frame covered lies. */
  readonly segment: string;
  /** Number of the last frame covered; 0: none. */
  readonly seq: number;
  /** Its chain hash, hexadecimal. */
  readonly head: string;
  /** How many final records the chain holds up to there. */
  readonly count: number;
  /** ISO date of the signing. */
  readonly at: string;
  /**
   * SHA-256 of the stored text the signer signed before, hexadecimal. In its first, that of the whole log before it;
   * `null` there when the log was empty, or others were writing to it.
   */
  readonly previous: string | null;
  /** Which key signs: the first 16 hexadecimal digits of SHA-256 of the raw public key. */
  readonly key: string;
}

/** The part of a statement that says which stretch of which chain it covers. */
export type Subject = Pick<Statement, 'writer' | 'segment' | 'seq' | 'head' | 'count'>;

/** What an Ed25519 key is called in a checkpoint. @param key the public or the private one */
export function ledgerKeyId(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return createHash('sha256').update(raw).digest('hex').slice(0, KEY_ID_CHARACTERS);
}

/** The stored text of a checkpoint: one line, without its line feed. */
export function signStatement(statement: Statement, key: KeyObject): string {
  const text = encodeStatement(statement);
  return storedText(text, sign(null, Buffer.from(text), key));
}

/** Whether a stored text is, byte for byte, what `signStatement` makes of the statement, whoever has signed it. */
export function isAsWritten(text: string, statement: Statement): boolean {
  const signature = Buffer.from(
    text.slice(text.lastIndexOf(SIGNATURE_MEMBER) + SIGNATURE_MEMBER.length, -2),
    'base64url',
  );
  return text === storedText(encodeStatement(statement), signature);
}

function encodeStatement(statement: Statement): string {
  const { kind, by, writer, segment, seq, head, count, at, previous, key } = statement;
  return JSON.stringify({ type: 'checkpoint', kind, by, writer, segment, seq, head, count, at, previous, key });
}

function storedText(statement: string, signature: Buffer): string {
  return `${statement.slice(0, -1)}${SIGNATURE_MEMBER}${signature.toString('base64url')}"}`;
}

/** What a stored text says, its signature not looked at; `null` when it is no checkpoint. */
export function decodeStatement(text: string): Statement | null {
  if (!text.startsWith(STATEMENT_START)) return null;
  const members = parseJson(text);
  if (!isJsonObject(members)) return null;
  const kind = KINDS.find((known) => known === members['kind']);
  const seq = numberMember(members, 'seq');
  const count = numberMember(members, 'count');
  if (kind === undefined || seq === null || count === null) return null;
  return {
    kind,
    by: textOf(members, 'by'),
    writer: textOf(members, 'writer'),
    segment: textOf(members, 'segment'),
    seq,
    head: textOf(members, 'head'),
    count,
    at: textOf(members, 'at'),
    previous: stringMember(members, 'previous'),
    key: textOf(members, 'key'),
  };
}

/** Whether the signature at the end of a stored text is that of the key. */
export function isSignedBy(text: string, publicKey: KeyObject): boolean {
  const cut = text.lastIndexOf(SIGNATURE_MEMBER);
  if (cut < 0 || !text.endsWith('"}')) return false;
  const signature = Buffer.from(text.slice(cut + SIGNATURE_MEMBER.length, -2), 'base64url');
  return verify(null, Buffer.from(`${text.slice(0, cut)}}`), publicKey, signature);
}

/** What the signer's next checkpoint gives as `previous`. */
export function checkpointHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function textOf(members: JsonObject, name: string): string {
  return stringMember(members, name) ?? '';
}
