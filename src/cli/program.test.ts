import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { Secret } from '../core/secret.ts';
import { thisProcess } from '../ledger/process-identity.ts';
import { runCli } from './program.ts';
import { readRunFile, removeRunFile, runFilePath, writeRunFile } from './run-file.ts';
import type { Terminal } from './terminal.ts';

interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly said: string;
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-cli-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function candor(commandLine: readonly string[], input = '', interactive = false): Promise<Outcome> {
  let out = '';
  let said = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    say: (text) => {
      said += text;
    },
    interactive,
    cwd: folder,
    environment: {},
    readInput: () => Promise.resolve(input),
  };
  const exitCode = await runCli(commandLine, terminal);
  return { exitCode, out, said };
}

describe('a wrong command line ends with exit code 2 and says why', () => {
  it.each<readonly [string, RegExp]>([
    ['valdate', /no command "valdate"; did you mean "validate"\?/],
    ['xyzzyplugh', /no command "xyzzyplugh"$/m],
    ['bench --live', /`candor bench` is not built yet/],
    ['--prot 1', /unknown option '--prot'/],
    ['dev --port 70000', /0 to 65535/],
    ['dev --port x', /0 to 65535/],
    ['dev --ephemeral --state x', /cannot be used together/],
    ['dev --config none.yaml', /no file none.yaml/],
    ['dev --config candor.config.ts', /no file candor\.config\.ts/],
    ['serve', /serve needs a config/],
    ['serve --ephemeral', /unknown option/],
    ['validate', /no candor\.yaml or candor\.config\.ts here/],
    ['validate --json --format sarif', /use one of --json and --format/],
    ['validate --format xml', /Allowed choices are text, json, sarif, github/],
    ['fmt', /no candor\.yaml here/],
    ['fmt --check --stdout', /use one of --check and --stdout/],
    ['config show --port 1', /--port goes with --effective/],
    ['config schema --static --config a', /use one of --static and --config/],
    ['validate a.yaml --config b.yaml', /name the file once/],
    ['ask', /missing required argument 'route'/],
    ['ask extract', /missing required argument 'text'/],
    ['ask extract -', /nothing to ask/],
    ['trace', /missing required argument 'id'/],
    ['trace gen_1 --sent --json', /use one of/],
    ['sim outge openai', /no `sim outge`; did you mean "outage"\?/],
    ['sim outage', /missing required argument 'P'/],
    ['sim outage openai --status 418', /503, 429 or refuse/],
    ['sim outage openai --for 60', /number with its unit/],
    ['sim slow openai', /missing required argument 'duration'/],
    ['sim slow openai soon', /number with its unit/],
    ['sim cut openai', /required option '--after <tokens>'/],
    ['sim malformed openai --every -1', /whole number/],
    ['sim clock 25:00@Asia/Shanghai', /14:00@Asia\/Shanghai/],
    ['sim clock 14:00@Mars/Olympus', /no time zone Mars\/Olympus/],
    ['sim rate-limit openai', /required option '--retry-after <seconds>'/],
  ])('candor %s', async (line, message) => {
    const { exitCode, out, said } = await candor(line.split(' '));
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(said).toMatch(message);
  });
});

it('prints version and help to standard output', async () => {
  const version = await candor(['version']);
  expect(version).toEqual({ exitCode: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), said: '' });
  expect((await candor(['--version'])).out).toBe(version.out);
  expect(JSON.parse((await candor(['version', '--json'])).out)).toMatchObject({ candor: version.out.trim() });
  const help = await candor(['--help']);
  expect(help).toMatchObject({ exitCode: 0, said: '' });
  expect(help.out).toContain('candor sim outage openai');
});

it.each(['ask extract hello', 'trace gen_1', 'sim', 'sim outage openai'])(
  'candor %s ends with 3 when nothing runs',
  async (line) => {
    const missing = await candor(line.split(' '));
    expect(missing).toMatchObject({ exitCode: 3, out: '' });
    expect(missing.said).toMatch(/no gateway runs here/);
    const run = {
      pid: 1,
      birth: null,
      host: '127.0.0.1',
      port: 1,
      url: 'http://127.0.0.1:1',
      adminToken: new Secret('t'),
      startedAt: '',
    };
    writeRunFile(join(folder, '.candor'), run);
    const gone = await candor(line.split(' '));
    expect(gone).toMatchObject({ exitCode: 3, out: '' });
    expect(gone.said).toMatch(/no gateway answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/);
  },
);

describe('run.json', () => {
  const run = {
    pid: 42,
    birth: '9001',
    host: '::1',
    port: 4141,
    url: 'http://[::1]:4141',
    adminToken: new Secret('token-1'),
    startedAt: '2026-01-01T00:00:00.000Z',
  };

  it('is read as it was written, by its owner only', () => {
    writeRunFile(folder, run);
    const read = readRunFile(folder);
    expect({ ...read, adminToken: read?.adminToken.reveal() }).toEqual({ ...run, adminToken: 'token-1' });
    expect(statSync(runFilePath(folder)).mode & 0o777).toBe(0o600);
  });

  it('is removed by its own gateway only', () => {
    writeRunFile(folder, run);
    removeRunFile(folder, 43);
    expect(readRunFile(folder)?.pid).toBe(42);
    removeRunFile(folder, 42);
    expect(readRunFile(folder)).toBeNull();
  });
});

describe('a folder whose run.json names a gateway', () => {
  const taken = createServer();
  let port = 0;
  beforeEach(async () => {
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    ({ port } = taken.address() as AddressInfo);
  });
  afterEach(() => new Promise((resolve) => taken.close(resolve)));

  /** Starts where nothing can start for long: the port is taken. */
  async function started(birth: string | null): Promise<Outcome> {
    const state = join(folder, 'state');
    const url = 'http://127.0.0.1:1';
    const gateway = { pid: process.pid, birth, host: '127.0.0.1', port: 1, url, startedAt: '' };
    writeRunFile(state, { ...gateway, adminToken: new Secret('t') });
    return candor(['dev', '--state', state, '--port', String(port)]);
  }

  it('is not taken while that one runs', async () => {
    const { exitCode, said } = await started(thisProcess().birth);
    expect(exitCode).toBe(1);
    expect(said).toContain(`a gateway (pid ${process.pid}) already runs with this state folder`);
  });

  it.runIf(thisProcess().birth !== null)('is free when another process has got its number', async () => {
    const { exitCode, said } = await started('0');
    expect(exitCode).toBe(1);
    expect(said).toMatch(new RegExp(`port ${port} .*choose another`));
  });
});

describe('with a gateway', () => {
  interface Received {
    readonly line: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }
  let received: Received[] = [];
  let reply: (response: ServerResponse) => void = () => undefined;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      received.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
      reply(response);
    });
  });
  beforeEach(async () => {
    received = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    writeRunFile(join(folder, '.candor'), {
      ...thisProcess(),
      host: '127.0.0.1',
      port,
      url,
      adminToken: new Secret('token-1'),
      startedAt: '',
    });
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const json = (status: number, body: unknown): void => {
    reply = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const events = (...data: readonly string[]): void => {
    reply = (response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(data.map((each) => `data: ${each}\n\n`).join(''));
  };
  const chunk = (delta: object, finish: string | null, more: object = {}): string =>
    JSON.stringify({
      id: 'gen_1',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...more,
    });
  const candorMember = {
    asked: 'legal',
    served_by: 'anthropic/claude-opus',
    simulated: true,
    attempts: [
      { deployment: 'openai/gpt-4o', ms: 38, cost: 0 },
      { deployment: 'anthropic/claude-opus', ms: 2190, cost: 0.0121 },
    ],
    fallback: { reason: 'upstream_overloaded', certificate: null },
    degraded: { reason: 'uncertified' },
    adjustments: [{}, {}],
    validation: { status: 'none', verdicts: [] },
  };

  it('ask streams the answer to standard output and tells on the side who wrote it', async () => {
    events(
      ': keep-alive',
      chunk({ role: 'assistant' }, null),
      chunk({ content: 'Grüß ' }, null),
      chunk({ content: 'Gott' }, null),
      chunk({}, 'stop', { candor: candorMember }),
      '[DONE]',
    );
    expect(await candor(['ask', 'legal', 'hello'])).toEqual({
      exitCode: 0,
      out: 'Grüß Gott\n',
      said: 'legal → anthropic/claude-opus  SIMULATED  FALLBACK upstream_overloaded  DEGRADED uncertified  2 attempts in 2.23 s  $0.0121  2 adjustments  gen_1\n',
    });
    expect(received.map(({ line, body }) => [line, JSON.parse(body)])).toEqual([
      ['POST /v1/chat/completions', { model: 'legal', messages: [{ role: 'user', content: 'hello' }], stream: true }],
    ]);
  });

  it("ask lets no model steer a person's terminal, and gives a file the answer as it is", async () => {
    const answer = 'a\u001b]0;x\u0007\r\n\tb\u009b2J';
    const candorOf = { ...candorMember, served_by: 'anthropic/claude\u001b[2J' };
    events(chunk({ content: answer }, 'stop', { candor: candorOf }), '[DONE]');
    expect(await candor(['ask', 'legal', 'hello'], '', true)).toMatchObject({
      out: 'a\\x1b]0;x\\x07\n\tb\\x9b2J\n',
      said: expect.stringContaining('claude\\x1b[2J'),
    });
    expect((await candor(['ask', 'legal', 'hello'])).out).toBe(`${answer}\n`);
  });

  it('ask reads the question from standard input', async () => {
    events(chunk({ content: 'x' }, 'stop'), '[DONE]');
    await candor(['ask', 'legal', '-'], 'from the pipe');
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ messages: [{ content: 'from the pipe' }] });
  });

  it('ask --json prints the whole answer, ask --json --stream each event', async () => {
    json(200, { id: 'gen_1', choices: [] });
    expect(await candor(['ask', 'legal', 'hello', '--json'])).toEqual({
      exitCode: 0,
      out: '{"id":"gen_1","choices":[]}\n',
      said: '',
    });
    expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ stream: false });
    events(chunk({ content: 'a' }, null), chunk({}, 'stop'), '[DONE]');
    const lines = (await candor(['ask', 'legal', 'hello', '--json', '--stream'])).out.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { object: string }).object)).toEqual([
      'chat.completion.chunk',
      'chat.completion.chunk',
    ]);
  });

  it('ask ends with 1 and the sentence of an error, refused or in the stream', async () => {
    const error = {
      message: 'openai/gpt-4o answered 503',
      code: 'upstream_overloaded',
      candor: { fix: 'Ask later.', trace: 'http://x/r/gen_1' },
    };
    json(503, { error });
    const sentence = 'candor: upstream_overloaded: openai/gpt-4o answered 503\nAsk later.\nhttp://x/r/gen_1\n';
    expect(await candor(['ask', 'gpt-4o', 'hello'])).toEqual({ exitCode: 1, out: '', said: sentence });
    events(chunk({ content: 'half' }, null), JSON.stringify({ error }));
    expect(await candor(['ask', 'gpt-4o', 'hello'])).toEqual({ exitCode: 1, out: 'half\n', said: sentence });
  });

  it('lets nobody steer the terminal by the words of an error', async () => {
    json(503, { error: { message: 'down\u001b[2J\u001b]0;x\u0007', code: 'upstream_overloaded' } });
    const { said } = await candor(['ask', 'gpt-4o', 'hello']);
    expect(said).toBe('candor: upstream_overloaded: down\\x1b[2J\\x1b]0;x\\x07\n');
  });

  it('ask ends with 4 when policy refuses', async () => {
    json(403, { error: { message: 'no deployment may see this', code: 'no_eligible_deployment' } });
    expect(await candor(['ask', 'legal', 'hello'])).toMatchObject({ exitCode: 4 });
  });

  it('ask does not take a stream without its end for an answer', async () => {
    events(chunk({ content: 'half' }, null));
    expect(await candor(['ask', 'legal', 'hello'])).toMatchObject({
      exitCode: 1,
      out: 'half\n',
      said: expect.stringContaining('ended before its end'),
    });
  });

  it.each<readonly [string, object, string]>([
    ['outage openai', { target: 'openai', fault: 'outage', status: 503 }, 'openai answers 503'],
    [
      'outage openai --status 429 --for 60s',
      { target: 'openai', fault: 'outage', status: 429, for_ms: 60_000 },
      'openai answers 429 for 1 min',
    ],
    [
      'outage gpt-4o --status refuse',
      { target: 'gpt-4o', fault: 'outage', status: 'refuse' },
      'gpt-4o refuses connections',
    ],
    ['slow deepseek 8s', { target: 'deepseek', fault: 'slow', ms: 8000 }, 'deepseek takes 8.00 s to the first token'],
    [
      'malformed deepseek --every 3',
      { target: 'deepseek', fault: 'malformed_json', every: 3 },
      'deepseek breaks the JSON of every 3. answer',
    ],
    [
      'cut openai --after 12',
      { target: 'openai', fault: 'cut', after_tokens: 12 },
      'openai cuts answers after 12 tokens',
    ],
    [
      'stall openai --after 12',
      { target: 'openai', fault: 'stall', after_tokens: 12 },
      'openai stalls after 12 tokens',
    ],
    ['refuse claude-opus', { target: 'claude-opus', fault: 'refuse' }, 'claude-opus refuses to answer'],
    ['invent google', { target: 'google', fault: 'invent_citations' }, 'google invents citations'],
    [
      'content-type openai text/html',
      { target: 'openai', fault: 'content_type', value: 'text/html' },
      'openai answers with content type text/html',
    ],
    [
      'rate-limit openai --retry-after 2',
      { target: 'openai', fault: 'rate_limit', retry_after_s: 2 },
      'openai answers 429 with Retry-After 2',
    ],
  ])('sim %s', async (line, body, text) => {
    json(201, body);
    expect(await candor(['sim', ...line.split(' ')])).toEqual({
      exitCode: 0,
      out: `${text} (simulated). Undo: candor sim reset\n`,
      said: '',
    });
    expect(received).toEqual([
      { line: 'POST /admin/sim', authorization: 'Bearer token-1', body: JSON.stringify(body) },
    ]);
  });

  it('sim lists, resets and sets the clock', async () => {
    json(200, { object: 'list', data: [{ target: 'openai', fault: 'outage', status: 503 }] });
    expect((await candor(['sim'])).out).toBe('openai answers 503\n');
    expect((await candor(['sim', '--json'])).out).toBe(
      '{"object":"list","data":[{"target":"openai","fault":"outage","status":503}]}\n',
    );
    reply = (response) => response.writeHead(204).end();
    expect((await candor(['sim', 'reset'])).out).toBe('no simulated faults any more\n');
    expect((await candor(['sim', 'clock', '14:00@Asia/Shanghai'])).out).toBe(
      "the simulator's clock says 14:00 in Asia/Shanghai\n",
    );
    expect(received.slice(2).map(({ line, body }) => [line, body])).toEqual([
      ['DELETE /admin/sim', ''],
      ['PUT /admin/sim/clock', '{"at":"14:00","zone":"Asia/Shanghai"}'],
    ]);
  });

  it('sim takes --json and --state after the verb too', async () => {
    json(201, { target: 'openai' });
    expect((await candor(['sim', 'outage', 'openai', '--json'])).out).toBe('{"target":"openai"}\n');
    expect(await candor(['sim', 'outage', 'openai', '--state', 'elsewhere'])).toMatchObject({ exitCode: 3 });
  });

  it('sim says why a fault was not taken', async () => {
    json(409, { error: { message: '"x" is not simulated', code: 'sim_not_simulated' } });
    expect(await candor(['sim', 'outage', 'x'])).toEqual({
      exitCode: 1,
      out: '',
      said: 'candor: sim_not_simulated: "x" is not simulated\n',
    });
  });

  it('open says that pages which take a token cannot be opened', async () => {
    json(401, { error: { message: 'no', code: 'invalid_api_key' } });
    expect(await candor(['open'])).toMatchObject({
      exitCode: 1,
      out: '',
      said: expect.stringContaining('candor trace ID'),
    });
  });

  it('trace prints bodies exactly, and says when they were not kept', async () => {
    const record = {
      id: 'gen_1',
      request: { body: '{"a": 1}' },
      attempts: [{ sent: { body: '{"b":2}' } }, { sent: { body: null } }, { sent: { body: '{"c":3}' } }],
    };
    json(200, record);
    expect((await candor(['trace', 'gen_1', '--asked'])).out).toBe('{"a": 1}\n');
    expect((await candor(['trace', 'gen_1', '--sent'])).out).toBe('{"b":2}\n{"c":3}\n');
    expect((await candor(['trace', 'gen_1', '--json'])).out).toBe(`${JSON.stringify(record)}\n`);
    expect(received[0]?.line).toBe('GET /v1/generations/gen_1');
    json(200, { id: 'gen_1', request: { body: null }, attempts: [] });
    expect(await candor(['trace', 'gen_1', '--sent'])).toMatchObject({
      exitCode: 1,
      out: '',
      said: expect.stringContaining('was not kept'),
    });
    json(404, { error: { message: 'there is no generation gen_2', code: 'generation_not_found' } });
    expect(await candor(['trace', 'gen_2'])).toMatchObject({
      exitCode: 1,
      said: expect.stringContaining('there is no generation gen_2'),
    });
  });

  it('something else on the port is no gateway', async () => {
    reply = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    expect(await candor(['sim'])).toMatchObject({ exitCode: 3, out: '' });
  });
});
