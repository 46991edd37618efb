import { expect, it } from 'vitest';

import { isLoopbackHost } from './loopback.ts';

it('tells loopback from the rest', () => {
  expect(['localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]'].every(isLoopbackHost)).toBe(true);
  expect(['0.0.0.0', '::', '192.168.0.1', '127.0.0.1.example.com', 'example.com'].some(isLoopbackHost)).toBe(false);
});
