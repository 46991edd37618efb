import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { loadConfiguration } from '../src/config/load.ts';
import { createGateway, createRegistries } from '../src/gateway.ts';
import { startRawUpstream } from './support/raw-upstream.ts';
import { startTestGateway } from './support/gateway.ts';
import { json } from './support/vendor-answers.ts';

const PLACE = '/v1/projects/p/locations/europe-west4/publishers/google';

test('Vertex is asked under the address of its project, with a token as bearer', async () => {
  const vertex = await startRawUpstream(
    json({ candidates: [{ content: { parts: [{ text: 'Hallo' }] }, finishReason: 'STOP' }] }),
  );
  const directory = mkdtempSync(join(tmpdir(), 'candor-vertex-'));
  const file = join(directory, 'candor.yaml');
  writeFileSync(join(directory, 'token'), 'ya29.test-token-0123456789\n');
  writeFileSync(
    file,
    `providers:
  eu: { kind: vertex, url: "${vertex.url}${PLACE}", allow_private: true, key: file:./token, region: eu }
models: { gemini: { at: eu, id: gemini-2.5-flash } }
server: { listen: 127.0.0.1:0 }
`,
  );
  const loaded = loadConfiguration({
    mode: 'dev',
    file,
    environment: {},
    registries: createRegistries(),
    stateDirectory: join(directory, 'state'),
    cwd: directory,
    port: 0,
  });
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  const gateway = await createGateway({ configuration: loaded.configuration, simulator: null });
  try {
    const { url } = await gateway.listen();
    const response = await fetch(`${url}/v1beta/models/gemini:generateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"labels":{"team":"a"}}',
    });
    expect(await response.json()).toMatchObject({ candor: { served_by: 'eu/gemini@eu', adjustments: [] } });
    const { head, body } = vertex.requests[0] ?? { head: '', body: '' };
    expect(head).toContain(`POST ${PLACE}/models/gemini-2.5-flash:generateContent HTTP/1.1`);
    expect(head).toMatch(/^authorization: Bearer ya29\.test-token-0123456789$/im);
    expect(body).toBe('{"contents":[{"role":"user","parts":[{"text":"Hi"}]}],"labels":{"team":"a"}}');
  } finally {
    await gateway.close();
    await vertex.close();
    rmSync(directory, { recursive: true });
  }
});

test('the simulator plays Vertex, for clients of either protocol', async () => {
  const gateway = await startTestGateway({
    config: 'providers: { vertex: { sim: true } }\nmodels: { gemini: { at: vertex, id: gemini-2.5-flash } }\n',
  });
  try {
    const contents = [{ role: 'user', parts: [{ text: 'Say hello' }] }];
    const own = await gateway.post('/v1beta/models/gemini:generateContent', { contents });
    expect(await own.json()).toMatchObject({ modelVersion: 'sim-gemini', candor: { served_by: 'vertex/gemini' } });
    const messages = [{ role: 'user', content: 'Say hello' }] as const;
    const { choices } = await gateway.client.chat.completions.create({ model: 'gemini', messages: [...messages] });
    expect(choices[0]?.finish_reason).toBe('stop');
  } finally {
    await gateway.close();
  }
});
