import { failure, type Failure, type FailureKind } from '../core/failure.ts';

/** Undici's error for bytes that are no HTTP; its `code` is mostly not set. */
const PARSER_ERROR = 'HTTPParserError';
/** The connection was closed before as many bytes had come as were declared. */
const BODY_TOO_SHORT = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';

/** What an error of the socket or the HTTP parser means (codes of Node and undici). */
const CODES: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'connect_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'headers',
  [BODY_TOO_SHORT]: 'protocol',
};

/** The failure behind an error that undici reported. `answered`: whether the response's head had come. */
export function failureOfError(error: Error, answered: boolean): Failure {
  const code = codeOf(error);
  const kind = error.name === PARSER_ERROR ? 'protocol' : kindOf(code);
  if (answered && (kind === 'reset' || code === BODY_TOO_SHORT)) {
    return failure('truncated', `the connection broke in the middle of the answer (${code ?? error.name})`);
  }
  return failure(kind, `${SENTENCES[kind] ?? 'the connection failed'} (${code ?? error.name})`);
}

const SENTENCES: Partial<Record<FailureKind, string>> = {
  unreachable: 'the upstream refused the connection',
  connect_timeout: 'the upstream did not accept the connection in time',
  dns: 'the name of the upstream could not be resolved',
  tls: 'the upstream could not prove who it is',
  reset: 'the upstream closed the connection before it answered',
  headers: 'the headers of the answer are too large',
  protocol: 'the upstream does not speak HTTP',
};

function codeOf(error: Error): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : null;
}

function kindOf(code: string | null): FailureKind {
  if (code === null) return 'reset';
  if (Object.hasOwn(CODES, code)) return CODES[code] as FailureKind;
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code)) return 'tls';
  return 'reset';
}
