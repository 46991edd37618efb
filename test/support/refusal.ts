import { expect } from 'vitest';

/** The `error` of a refusal. */
export interface Refusal {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
  readonly candor: { readonly id: string; readonly retry: { readonly advised: boolean }; readonly fix: string };
}

/** Holds a refusal against its status and code, and gives its `error`. */
export async function expectRefused(response: Response, status: number, code: string): Promise<Refusal> {
  const body = (await response.json()) as { readonly error: Refusal };
  expect({ status: response.status, code: body.error.code }).toEqual({ status, code });
  expect(body.error.message).toMatch(/\w{2,} \w{2,}/);
  expect(body.error.candor.fix).toMatch(/\.$/);
  expect(body.error.candor.retry.advised).toBe(false);
  expect(response.headers.get('x-should-retry')).toBe('false');
  expect(response.headers.get('x-request-id')).toBe(body.error.candor.id);
  expect(response.headers.get('content-type')).toBe('application/json');
  return body.error;
}
