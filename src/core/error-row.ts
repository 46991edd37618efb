/** OpenAI's words for `error.type`. */
export type ErrorType = 'invalid_request_error' | 'rate_limit_error' | 'server_error';

/** What is the same each time an error code is used. */
export interface ErrorRow {
  /** HTTP status. Inside a stream that has begun, the status is already 200 and only the code is sent. */
  readonly status: number;
  readonly type: ErrorType;
  /** `x-should-retry`: whether the client's SDK should send the request again by itself. */
  readonly retry: boolean;
  /** What has happened, in one sentence. */
  readonly meaning: string;
  /** What a person does next. */
  readonly fix: string;
}

/** A row for a request that would fail again as it is. */
export function refused(status: number, meaning: string, fix: string): ErrorRow {
  return { status, type: 'invalid_request_error', retry: false, meaning, fix };
}

/** A row for a failure behind the client's request, where sending it again at once helps nobody. */
export function failed(status: number, meaning: string, fix: string): ErrorRow {
  return { status, type: 'server_error', retry: false, meaning, fix };
}

/** A row for a request that was not begun and is welcome again after a pause. */
export function later(status: number, meaning: string, fix: string): ErrorRow {
  return { status, type: status === 429 ? 'rate_limit_error' : 'server_error', retry: true, meaning, fix };
}
