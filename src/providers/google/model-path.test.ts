import { expect, test } from 'vitest';

import { decodeClientBody, testDeployment } from '../../../test/support/deployment.ts';
import { decodeEmbeddingsRequest } from '../../dialects/openai-embeddings/decode.ts';
import { adapt } from '../../prompts/adapt.ts';
import { google } from './provider.ts';

test.each(['gemini-2.5-flash', 'models/gemini-2.5-flash'])(
  'a chat with %s goes to the model’s own address',
  (modelId) => {
    const deployment = testDeployment(google, modelId);
    const request = decodeClientBody({ model: 'task', messages: [{ role: 'user', content: 'x' }] });
    expect(google.encode(adapt(request, deployment, null, null), deployment).path).toBe(
      '/models/gemini-2.5-flash:generateContent',
    );
  },
);

test.each(['gemini-embedding-001', 'models/gemini-embedding-001'])('and so do embeddings of %s', (modelId) => {
  const deployment = testDeployment(google, modelId);
  const body = Buffer.from('{"model":"task","input":"x"}');
  const request = decodeEmbeddingsRequest({ body, headers: new Map(), pathParameter: '', explain: false });
  const sent = google.encode(adapt(request, deployment, null, null), deployment);
  expect(sent.path).toBe('/models/gemini-embedding-001:batchEmbedContents');
  expect(JSON.parse(sent.body.toString())).toMatchObject({ requests: [{ model: 'models/gemini-embedding-001' }] });
});
