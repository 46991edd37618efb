import type { JsonObject } from '../../core/json.ts';
import { openInBrowser } from '../requests/browser.ts';
import { connect, readJson, refusal, type GatewayRequest } from '../client.ts';
import { DemoProcess } from './demo-process.ts';
import type { Keyboard } from './keyboard.ts';
import type { RunFile } from '../run-file.ts';
import type { Terminal } from '../terminal.ts';

const OUTAGE_MS = 60_000;
/** A peak hour of DeepSeek's, which the simulator plays. */
const PEAK = { at: '14:00', zone: 'Asia/Shanghai' } as const;

/** What the last line of the banner says. */
export const KEYS_LINE = 'press  d demo · x break OpenAI · p peak hour · r restore · o open · h help · q quit';

const HELP = [
  '  d  five failures, before a plain proxy and before Candor',
  '  x  OpenAI answers 503 for a minute (simulated)',
  '  p  it is 14:00 in Shanghai: simulated DeepSeek is slow',
  '  r  end every simulated fault, and set the clock right',
  '  o  open the page in the browser',
  '  q  quit, as Ctrl-C does',
].join('\n');

/** The keyboard for the keys of `dev`; `null` where there is nobody to press them. */
export function devKeyboard({ keyboard, interactive, environment }: Terminal): Keyboard | null {
  return keyboard !== undefined && interactive && (environment['CI'] ?? '') === '' ? keyboard : null;
}

/** Does what the keys of `dev` stand for, until the function it returns is called. What fails is told, and ends nothing. */
export function listenForDevKeys(keyboard: Keyboard, run: RunFile, terminal: Terminal, quit: () => void): () => void {
  const say = (text: string): void => terminal.say(`  ${text}\n`);
  const demo = new DemoProcess();
  const actions: Readonly<Record<string, () => Promise<void> | void>> = {
    d: () => say(demo.start() ? 'the demo takes some seconds' : 'the demo is running'),
    x: async () => {
      await change(run, { method: 'POST', path: '/admin/sim', body: outage() });
      const until = new Date(Date.now() + OUTAGE_MS).toLocaleTimeString('sv-SE');
      say(`OpenAI answers 503 (simulated) until ${until}; r restores it`);
    },
    p: async () => {
      await change(run, { method: 'PUT', path: '/admin/sim/clock', body: { ...PEAK } });
      say(`the simulator's clock says ${PEAK.at} in ${PEAK.zone}; r restores it`);
    },
    r: async () => {
      await change(run, { method: 'DELETE', path: '/admin/sim' });
      say('no simulated faults any more');
    },
    o: async () => {
      const opened = await openInBrowser(`${run.url}/`, terminal.environment);
      say(opened ? `opening ${run.url}/` : `there is no program to open it with: ${run.url}/`);
    },
    h: () => terminal.say(`${HELP}\n`),
    q: quit,
  };
  const leave = keyboard.listen((key) => {
    const action = actions[key];
    if (action === undefined) return;
    void Promise.resolve()
      .then(action)
      .catch((error: unknown) => say(error instanceof Error ? error.message.split('\n').join('\n  ') : String(error)));
  });
  return () => {
    leave();
    demo.stop();
  };
}

function outage(): JsonObject {
  return { target: 'openai', fault: 'outage', status: 503, for_ms: OUTAGE_MS };
}

/** One change of the simulator by way of the gateway's administration. @throws CommandError with its reason when it is not made */
async function change(run: RunFile, request: GatewayRequest): Promise<void> {
  const gateway = connect(run);
  try {
    const response = await gateway.send({ ...request, admin: true });
    const body = await readJson(response);
    if (response.status >= 300) throw refusal(response.status, body);
  } finally {
    await gateway.close();
  }
}
