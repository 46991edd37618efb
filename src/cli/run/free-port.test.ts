import { createServer, type AddressInfo } from 'node:net';

import { expect, it } from 'vitest';

import { nextFreePort, portReason, tryPort } from './free-port.ts';

it('tells a taken port and finds a free one above it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    expect(await tryPort('127.0.0.1', port)).toEqual({ free: false, code: 'EADDRINUSE' });
    const next = await nextFreePort('127.0.0.1', port);
    expect(next).toBeGreaterThan(port);
    expect(await tryPort('127.0.0.1', next ?? 0)).toEqual({ free: true });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
  expect(portReason('EADDRINUSE')).toBe('is in use by another program');
});
