import { failure, type Failure, type FailureKind } from '../core/failure.ts';

/** Undici's error for bytes that are no HTTP; its `code` is mostly not set. */
const PARSER_ERROR = 'HTTPParserError';
/** The connection was closed before as many bytes had come as were declared. */
const BODY_TOO_SHORT = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

/** What undici says of a 100 or 101 that nobody asked for; the code is that of any broken socket. */
const OUT_OF_PLACE: ReadonlySet<string> = new Set(['bad response', 'bad upgrade']);

/** Node's codes for certificates and handshakes, of which there are many. */
const TLS_CODE = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/;

/** What an error of the socket or the HTTP parser means (codes of Node and undici). */
const CODES: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  DNS_TIMEOUT: 'dns_timeout',
  ADDRESS_FORBIDDEN: 'address_forbidden',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'headers',
  // Only `Transport.close` destroys connections.
  UND_ERR_DESTROYED: 'shutting_down',
  UND_ERR_CLOSED: 'shutting_down',
  [BODY_TOO_SHORT]: 'protocol',
};

/** The request was refused by undici before any of it was sent. */
const OWN_FAULTS: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/** Whether the error says that our own request is wrong, such as a header that HTTP does not allow. */
export function isOwnFault(error: Error): boolean {
  return OWN_FAULTS.has(codeOf(error) ?? '');
}

/**
 * How far a call had come when it broke: sent over a new socket, or `reused` over one that had been idle, and no byte
 * had come back; or the response's head had come. A head that broke off is `asked`, over whatever socket.
 */
export type CallStage = 'asked' | 'reused' | 'answered';

/**
 * The failure behind an error that undici reported and that is no fault of ours. An error we do not
 * know counts as a lost connection, which may have been paid for.
 */
export function failureOfError(error: Error, stage: CallStage): Failure {
  const code = codeOf(error);
  const known = error.name === PARSER_ERROR || OUT_OF_PLACE.has(error.message) ? 'protocol' : kindOf(code);
  const kind = known === 'reset' && stage === 'reused' ? 'stale_socket' : known;
  if (stage === 'answered' && (kind === 'reset' || code === BODY_TOO_SHORT)) {
    return failure('truncated', `the connection broke in the middle of the answer (${code ?? error.name})`);
  }
  const sentence = isKnown(error.name, code) ? SENTENCES[kind] : undefined;
  return failure(kind, `${sentence ?? 'the connection failed before the upstream answered'} (${code ?? error.name})`);
}

const SENTENCES: Partial<Record<FailureKind, string>> = {
  unreachable: 'the upstream refused the connection',
  connect_timeout: 'the upstream did not accept the connection in time',
  dns: 'the name of the upstream could not be resolved',
  dns_timeout: 'the name of the upstream could not be resolved in time',
  address_forbidden: 'the name of the upstream leads to an address that is not public, so nothing was sent',
  tls: 'the upstream could not prove who it is',
  reset: 'the upstream closed the connection before it answered',
  stale_socket: 'the upstream closed a connection that had been idle as the request went out over it',
  headers: 'the headers of the answer are too large',
  protocol: 'the upstream does not speak HTTP',
  shutting_down: 'the gateway is ending and has closed the connection',
};

function codeOf(error: Error): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : null;
}

function isKnown(name: string, code: string | null): boolean {
  return name === PARSER_ERROR || (code !== null && (Object.hasOwn(CODES, code) || TLS_CODE.test(code)));
}

function kindOf(code: string | null): FailureKind {
  if (code === null) return 'reset';
  if (Object.hasOwn(CODES, code)) return CODES[code] as FailureKind;
  if (TLS_CODE.test(code)) return 'tls';
  return 'reset';
}
