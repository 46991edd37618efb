import { test } from 'vitest';
import { request } from 'undici';
import { realClock } from './clock.ts';
import { startSimulator } from './simulator.ts';
test('x', async () => {
  const own = await startSimulator({ clock: realClock(), providers: { openai: { kind: 'openai', models: { 'gpt-4o-mini': 'gpt-4o-mini' } } } });

    const r = await request(`${own.urls['openai']}/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{role:'user', content:'Summarize: the bridge was built. it was long. it is nice'}], stream: true }) });
    console.log(r.statusCode, own.openSockets());
    r.body.on('error', () => {});
    r.body.destroy();
    for (let i=0;i<15;i++) { await new Promise(r=>setTimeout(r,100)); console.log(i, own.openSockets()); }
    await own.close();
});
