import { expect, test } from 'vitest';

import { startTestGateway } from '../support/gateway.ts';
import { body, startRawUpstream } from '../support/raw-upstream.ts';

const CONFIG = `providers: { google: { sim: true } }
models: { gemini: { at: google, id: gemini-embedding-001 } }
`;

test('trap 61: the SDK asks for base64 by itself, and a vendor that knows floats only answers', async () => {
  const google = await startRawUpstream(body('{"embeddings":[{"values":[0.1,-2,3.5]},{"values":[1,0,-0.25]}]}'));
  const gateway = await startTestGateway({ config: CONFIG, upstreams: { google: google.url } });
  try {
    const input = ['one', 'two'];
    const response = await gateway.post('/v1/embeddings', { model: 'gemini', input, encoding_format: 'base64' });
    const { data } = (await response.json()) as { data: unknown };
    // Each number as a 32-bit float, its lowest byte first.
    expect(data).toEqual([
      { object: 'embedding', index: 0, embedding: 'zczMPQAAAMAAAGBA' },
      { object: 'embedding', index: 1, embedding: 'AACAPwAAAAAAAIC+' },
    ]);
    expect(google.requests[0]?.head).toContain('POST /models/gemini-embedding-001:batchEmbedContents HTTP/1.1');
    expect(google.requests[0]?.body).toBe(
      '{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"one"}]}},' +
        '{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"two"}]}}]}',
    );
    const read = await gateway.client.embeddings.create({ model: 'gemini', input });
    expect(read.data.map(({ embedding }) => embedding)).toEqual([
      [Math.fround(0.1), -2, 3.5],
      [1, 0, -0.25],
    ]);
  } finally {
    await gateway.close();
    await google.close();
  }
});
