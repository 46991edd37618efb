import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passing } from 'node:timers/promises';

import { Agent, request } from 'undici';
import { vi } from 'vitest';

import type { CompiledSources } from './compiled-sources.ts';
import { runCandor } from './cli-run.ts';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { body, eventStream, startRawUpstream, type RawRequest, type RawUpstream, type Script } from './raw-upstream.ts';
import { readStream } from './stream-reading.ts';
import { saveConfig, type SaveWay } from './save-ways.ts';
import { openAiStream } from './upstream-streams.ts';
import { completion, json } from './vendor-answers.ts';

export interface ConfigSaves {
  readonly sources: CompiledSources;
  readonly mode: 'dev' | 'serve';
  readonly saves: number;
  /** One of so many saves has errors. */
  readonly invalidEach: number;
  readonly requestsPerSecond: number;
  /** The least time from one save to the next. */
  readonly saveEveryMs: number;
}

export interface SavesOutcome {
  readonly requests: number;
  readonly streams: number;
  readonly seconds: number;
  readonly valid: number;
  readonly invalid: number;
  /** What went wrong as clients saw it. */
  readonly failures: readonly string[];
  /** Answers and records that do not go with the configuration in force when their request came. */
  readonly mixed: readonly string[];
  /** How many requests came while another configuration was on its way. */
  readonly straddling: number;
}

/** One save, and when the gateway had said what came of it. */
interface Save {
  /** Set as `max_tokens` on every route, so that each request sent upstream names its configuration. */
  readonly serial: number;
  readonly savedAt: number;
  readonly settledAt: number;
  /** `null`: the file had errors. */
  readonly hash: string | null;
}

interface Answer {
  readonly id: string;
  readonly hash: string;
  /** As the upstream was asked for it. */
  readonly serial: number;
  readonly askedAt: number;
  /** When the upstream had the request: its configuration was chosen by then. */
  readonly sentAt: number;
}

/** Saves configurations, good and bad, under load, and holds every answer and record against what was in force. */
export async function runConfigSaves(options: ConfigSaves): Promise<SavesOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'candor-saves-'));
  const sentAt = new Map<string, number>();
  const upstream = await startRawUpstream(tellingUpstream(sentAt));
  writeFileSync(join(directory, 'key'), 'sk-test-saves', { mode: 0o600 });
  saveConfig(directory, configText(upstream, 0), 'truncate', 0);
  const gateway = await startGatewayProcess({
    sources: options.sources,
    directory,
    commandLine: [options.mode, '--port', '0', '--json'],
  });
  const startedAt = performance.now();
  const load = startLoad(gateway.url, options.requestsPerSecond, sentAt);
  try {
    const first = await vi.waitFor(() => load.firstHash());
    const saves: Save[] = [{ serial: 0, savedAt: 0, settledAt: 0, hash: first }];
    for (let serial = 1; serial <= options.saves; serial++) {
      const pause = passing(options.saveEveryMs);
      saves.push(await saveOnce(serial, options, directory, upstream, gateway));
      await pause;
    }
    const answers = await load.finish();
    const seconds = (performance.now() - startedAt) / 1000;
    const mixed = answers.flatMap((answer) => flawOf(answer, saves) ?? []);
    const records = await recordFlaws(gateway.url, answers);
    const invalid = saves.filter(({ hash }) => hash === null).length;
    return {
      requests: load.requests(),
      streams: load.streams(),
      seconds,
      valid: options.saves - invalid,
      invalid,
      failures: load.failures,
      mixed: [...mixed, ...records],
      straddling: answers.filter((answer) => possible(answer, saves).length > 1).length,
    };
  } finally {
    await gateway.end('SIGKILL');
    await upstream.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const WAYS: readonly SaveWay[] = ['truncate', 'rename', 'swap'];

async function saveOnce(
  serial: number,
  { mode, invalidEach }: ConfigSaves,
  directory: string,
  upstream: RawUpstream,
  gateway: GatewayProcess,
): Promise<Save> {
  const isValid = serial % invalidEach !== 0;
  const text = isValid ? configText(upstream, serial) : brokenText(configText(upstream, serial), serial / invalidEach);
  const heard = gateway.said.length;
  const savedAt = performance.now();
  saveConfig(directory, text, WAYS[serial % WAYS.length] ?? 'rename', serial);
  if (mode === 'serve' && serial % 2 === 0) gateway.child.kill('SIGHUP');
  else if (mode === 'serve') {
    const { exitCode, said } = await runCandor(['reload'], { cwd: directory });
    if (exitCode !== (isValid ? 0 : 1)) throw new Error(`save ${serial}: reload ended with ${exitCode}: ${said}`);
  }
  const hash = await vi.waitFor(() => settled(gateway.said.slice(heard)), { timeout: 10_000, interval: 5 });
  if ((hash === null) === isValid) throw new Error(`save ${serial} was ${isValid ? 'refused' : 'taken'}`);
  return { serial, savedAt, settledAt: performance.now(), hash };
}

/** What the gateway has said of a save: the new hash, or `null` when it was refused. @throws while it has said nothing */
function settled(lines: readonly string[]): string | null {
  for (const line of lines) {
    const hash = /^config [0-9a-f]+ → ([0-9a-f]+)$/.exec(line)?.[1];
    if (hash !== undefined) return hash;
    if (/Nothing was reloaded/.test(line)) return null;
  }
  throw new Error('nothing was said yet');
}

function configText(upstream: RawUpstream, serial: number): string {
  return `providers:
  openai: { url: "${upstream.url}", allow_private: true, key: "file:key" }
  shaky: { kind: openai, url: "${upstream.url}/shaky", allow_private: true, key: "file:key" }
models:
  gpt-4o: { at: openai }
  unsure: { at: shaky, id: gpt-4o }
routes:
  direct: { try: [gpt-4o], params: { max_tokens: { set: ${serial + 1} } } }
  detour: { try: [unsure, gpt-4o], params: { max_tokens: { set: ${serial + 1} } }, fallback: degraded }
`;
}

/** The text with a mistake of some sort. */
function brokenText(text: string, kind: number): string {
  const mistakes = [
    `${text}routes: [`,
    text.replace('try: [gpt-4o]', 'try: [gpt-5o]'),
    text.replace('direct: { try', 'direct: { tyr'),
    '',
    text.replace('direct: {', 'direct: { brief: ./missing.md,'),
  ];
  return mistakes[kind % mistakes.length] ?? '';
}

/** Answers with the `max_tokens` it was asked for, after a while, and notes when each prompt came first. At `/shaky` it fails instead. */
function tellingUpstream(sentAt: Map<string, number>): Script {
  return (socket, received) => {
    const asked = JSON.parse(received.body) as {
      max_tokens: number;
      stream?: boolean;
      messages: { content: string }[];
    };
    const prompt = asked.messages.at(-1)?.content ?? '';
    if (!sentAt.has(prompt)) sentAt.set(prompt, performance.now());
    const serial = String(asked.max_tokens - 1);
    setTimeout(
      () => answerScript(received, serial, asked.stream === true)(socket, received),
      20 + (sentAt.size % 7) * 30,
    );
  };
}

function answerScript({ head }: RawRequest, serial: string, stream: boolean): Script {
  if (head.startsWith('POST /shaky'))
    return body('{"error":{"message":"busy"}}', 'application/json', '503 Unavailable');
  return stream ? eventStream(openAiStream([serial]).events, 'clean') : json(completion({ text: serial }));
}

/** Sends requests at that rate, streamed and not, by both routes, whatever becomes of those before. */
function startLoad(url: string, perSecond: number, sentAt: ReadonlyMap<string, number>) {
  const agent = new Agent({ connections: 256, pipelining: 1 });
  const answers: Answer[] = [];
  const failures: string[] = [];
  const open = new Set<Promise<void>>();
  let sent = 0;
  const ask = async (prompt: string, stream: boolean, route: string): Promise<void> => {
    const askedAt = performance.now();
    try {
      const {
        statusCode,
        headers,
        body: received,
      } = await request(`${url}/v1/chat/completions`, {
        dispatcher: agent,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: route, messages: [{ role: 'user', content: prompt }], stream }),
      });
      const text = await received.text();
      const content = statusCode === 200 ? contentOf(text, stream) : null;
      if (content === null) failures.push(`${route}: ${statusCode} ${text.slice(-300)}`);
      else
        answers.push({
          id: String(headers['x-request-id']),
          hash: String(headers['x-candor-config']),
          serial: Number(content),
          askedAt,
          sentAt: sentAt.get(prompt) ?? askedAt,
        });
    } catch (error) {
      failures.push(`${route}: ${String(error)}`);
    }
  };
  const beganAt = performance.now();
  const sendDue = (): void => {
    // A busy machine makes up for what it was late with.
    while (sent < ((performance.now() - beganAt) / 1000) * perSecond) {
      sent += 1;
      const asking = ask(`request ${sent}`, sent % 2 === 0, sent % 4 < 2 ? 'direct' : 'detour');
      open.add(asking);
      void asking.finally(() => open.delete(asking));
    }
  };
  const timer = setInterval(sendDue, 1000 / perSecond);
  return {
    failures,
    requests: () => sent,
    streams: () => Math.floor(sent / 2),
    firstHash(): string {
      const [first] = answers;
      if (first === undefined) throw new Error(`no answer yet: ${failures.join('\n')}`);
      return first.hash;
    },
    async finish(): Promise<readonly Answer[]> {
      clearInterval(timer);
      await Promise.all(open);
      await agent.close();
      return answers;
    },
  };
}

/** The text of a whole answer; `null` when it is not whole. */
function contentOf(text: string, stream: boolean): string | null {
  if (stream) {
    const read = readStream(text);
    return read.done && read.error === null ? read.text.trim() : null;
  }
  const answer = JSON.parse(text) as { choices?: { finish_reason: string; message: { content: string } }[] };
  return answer.choices?.[0]?.finish_reason === 'stop' ? answer.choices[0].message.content : null;
}

/** The saves whose configuration may have been in force between the request and its being sent on. */
function possible({ askedAt, sentAt }: Answer, saves: readonly Save[]): readonly Save[] {
  const valid = saves.filter(({ hash }) => hash !== null);
  return valid.filter((save, index) => save.savedAt <= sentAt && (valid[index + 1]?.settledAt ?? Infinity) >= askedAt);
}

function flawOf(answer: Answer, saves: readonly Save[]): string | null {
  const own = saves.find(({ hash }) => hash === answer.hash);
  if (own === undefined) return `${answer.id}: ${answer.hash} was never in force`;
  if (own.serial !== answer.serial)
    return `${answer.id}: config of save ${own.serial}, sent as by save ${answer.serial}`;
  const inTime = possible(answer, saves).includes(own);
  return inTime ? null : `${answer.id}: save ${own.serial} was not in force when it came`;
}

/** Records that name another configuration than their answer. */
async function recordFlaws(url: string, answers: readonly Answer[]): Promise<readonly string[]> {
  const agent = new Agent({ connections: 8 });
  const flaws: string[] = [];
  const waiting = [...answers];
  const read = async (): Promise<void> => {
    for (let answer = waiting.pop(); answer !== undefined; answer = waiting.pop()) {
      const response = await request(`${url}/v1/generations/${answer.id}`, { dispatcher: agent });
      const record = (await response.body.json()) as { config?: string; status?: string };
      if (record.config !== answer.hash || record.status !== 'complete') {
        flaws.push(`${answer.id}: answered by ${answer.hash}, recorded as ${record.config ?? response.statusCode}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, read));
  await agent.close();
  return flaws;
}
