import { readFile } from 'node:fs/promises';

import type { Endpoint, EndpointCall } from './endpoint.ts';

/** Ships beside the code, two folders up, whether that is compiled or not. */
const DOCUMENT = new URL('../../openapi.json', import.meta.url);

/** `GET /openapi.json`: the HTTP interface as an OpenAPI 3.1 document. */
export const openApi: Endpoint = { method: 'GET', path: '/openapi.json', handle: sendDocument };

async function sendDocument(call: EndpointCall): Promise<void> {
  const bytes = await readFile(DOCUMENT);
  call.response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    'cache-control': 'no-cache',
    'x-request-id': call.id,
  });
  call.response.end(bytes);
}
