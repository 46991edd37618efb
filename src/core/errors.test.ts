import { describe, expect, it } from 'vitest';
import { ERRORS, GatewayError, isErrorCode } from './errors.ts';
import { FAILURES } from './failure.ts';

const rows = Object.entries(ERRORS);

describe('the table of errors', () => {
  it.each(Object.entries(FAILURES))('has the code of the failure %s', (kind, { code }) => {
    expect(isErrorCode(code)).toBe(true);
    expect(code.replace(/^upstream_/, '')).toBe(kind);
  });

  it('asks SDKs to come back only where the request was not begun or a rate limit stopped it', () => {
    const retried = rows.filter(([, row]) => row.retry).map(([code]) => code);
    expect(retried.toSorted()).toEqual(['ledger_unavailable', 'overloaded', 'shutting_down', 'upstream_rate_limited']);
  });

  it('gives each type of error statuses of its own', () => {
    const statuses = (type: string): readonly number[] =>
      [...new Set(rows.filter(([, row]) => row.type === type).map(([, row]) => row.status))].toSorted((a, b) => a - b);
    expect(statuses('invalid_request_error').filter((status) => status < 400 || status >= 500)).toEqual([]);
    expect(statuses('rate_limit_error')).toEqual([429]);
    expect(statuses('server_error')).toEqual([424, 499, 500, 502, 503, 504]);
  });

  it.each(rows)('%s says in whole sentences what happened and what to do', (_code, row) => {
    expect(row.meaning).toMatch(/^[A-Z].*\.$/);
    expect(row.fix).toMatch(/^[A-Z].*\.$/);
    expect(row.fix).not.toBe(row.meaning);
  });

  it('never blames the client’s key for the credential of a provider', () => {
    expect(rows.filter(([, row]) => row.status === 401).map(([code]) => code)).toEqual(['invalid_api_key']);
    expect(ERRORS.upstream_auth.status).toBe(502);
  });
});

describe('isErrorCode', () => {
  it('knows our codes and nothing that objects inherit', () => {
    expect(isErrorCode('invalid_json')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
    expect(isErrorCode('__proto__')).toBe(false);
    expect(isErrorCode('')).toBe(false);
  });
});

describe('GatewayError', () => {
  it('takes status, type, retry and fix from the table', () => {
    const error = new GatewayError('upstream_rate_limited', 'openai asks us to wait 2 s', { retryAfterMs: 2000 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'GatewayError',
      message: 'openai asks us to wait 2 s',
      code: 'upstream_rate_limited',
      status: 429,
      type: 'rate_limit_error',
      retry: true,
      param: null,
      fix: ERRORS.upstream_rate_limited.fix,
      retryAfterMs: 2000,
      details: {},
      headers: {},
    });
    expect('cause' in error).toBe(false);
  });

  it('keeps what the thrower knows better', () => {
    const cause = new RangeError('inner');
    const error = new GatewayError('method_not_allowed', 'DELETE is not possible here', {
      param: 'method',
      fix: 'Use GET.',
      details: { attempts: [] },
      headers: { allow: 'GET' },
      cause,
    });
    expect(error).toMatchObject({ status: 405, param: 'method', fix: 'Use GET.', headers: { allow: 'GET' } });
    expect(error.details).toEqual({ attempts: [] });
    expect(error.cause).toBe(cause);
  });
});
