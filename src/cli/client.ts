import { resolve } from 'node:path';

import { Agent, request } from 'undici';

import { isFailure, type Failure } from '../core/failure.ts';
import { isJsonObject, objectMember, parseJson, stringMember, type JsonObject, type JsonValue } from '../core/json.ts';
import { SseDecoder } from '../transport/sse.ts';
import { CommandError } from './command-error.ts';
import { readRunFile, runFilePath, type RunFile } from './run-file.ts';
import type { Terminal } from './terminal.ts';

export interface GatewayRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: JsonValue;
  /** Sends the administration's token. */
  readonly admin?: boolean;
}

export interface GatewayResponse {
  readonly status: number;
  /** The body as it arrives. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Talks to the gateway of a folder. Close it when done. */
export interface GatewayClient {
  readonly url: string;
  send(request: GatewayRequest): Promise<GatewayResponse>;
  close(): Promise<void>;
}

/**
 * The gateway that runs with this folder's state (`./.candor`, or the one named).
 * @throws CommandError with exit code 3 when there is none.
 */
export function findGateway(terminal: Terminal, state: string | undefined): GatewayClient {
  const folder = resolve(terminal.cwd, state ?? '.candor');
  const run = readRunFile(folder);
  if (run === null) {
    const where = state ?? './.candor';
    throw new CommandError(
      3,
      `no gateway runs here: there is no ${runFilePath(where)}. Start one with \`candor dev\`, or name its folder with --state`,
    );
  }
  return connect(run);
}

/** A client of the gateway at that address. */
export function connect(run: RunFile): GatewayClient {
  // An answer takes as long as the gateway lets it; the timers that count are the gateway's own.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const host = run.host.includes(':') ? `[${run.host}]` : run.host;
  const url = `http://${host}:${run.port}`;
  return {
    url,
    async send({ method, path, body, admin }) {
      const headers: Record<string, string> = {};
      if (body !== undefined) headers['content-type'] = 'application/json';
      if (admin === true) headers['authorization'] = `Bearer ${run.adminToken.reveal()}`;
      const payload = body === undefined ? null : JSON.stringify(body);
      try {
        const response = await request(url + path, { method, headers, body: payload, dispatcher: agent });
        return { status: response.statusCode, chunks: response.body };
      } catch (error) {
        throw unreachable(url, run, error);
      }
    },
    close: () => agent.close(),
  };
}

function unreachable(url: string, run: RunFile, error: unknown): CommandError {
  const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  return new CommandError(
    3,
    `no gateway answers at ${url} (${reason}); run.json names pid ${run.pid}. Start one with \`candor dev\``,
  );
}

/** The whole body as text. */
export async function readText(response: GatewayResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** The body as a JSON object. @throws CommandError when it is none: something else listens on that port. */
export async function readJson(response: GatewayResponse): Promise<JsonObject> {
  const json = parseJson(await readText(response));
  if (isJsonObject(json)) return json;
  throw new CommandError(3, `what answers there is no gateway: status ${response.status} without a JSON object`);
}

/** The data of each event of a stream, in order. @throws CommandError when what comes is no event stream */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new SseDecoder();
  for await (const chunk of chunks) {
    const events = decoder.push(Buffer.from(chunk));
    if (isFailure(events)) throw unreadable(events);
    for (const event of events) yield event.data;
  }
  const rest = decoder.end();
  if (isFailure(rest)) throw unreadable(rest);
  for (const event of rest.events) yield event.data;
}

function unreadable(failed: Failure): CommandError {
  return new CommandError(1, `the gateway's stream cannot be read: ${failed.message}`);
}

/** The end of a command whose request was refused: the error's own sentence. Policy has an exit code of its own. */
export function refusal(status: number, body: JsonObject): CommandError {
  return new CommandError(status === 403 ? 4 : 1, errorSentence(body) ?? `the gateway answered ${status}`);
}

/** `code: message`, and what to do about it; `null` when the body holds no error. */
export function errorSentence(body: JsonObject): string | null {
  const error = objectMember(body, 'error');
  if (error === null) return null;
  const message = stringMember(error, 'message') ?? 'no message';
  const code = stringMember(error, 'code');
  const candor = objectMember(error, 'candor');
  const fix = candor === null ? null : stringMember(candor, 'fix');
  const trace = candor === null ? null : stringMember(candor, 'trace');
  return [`${code === null ? '' : `${code}: `}${message}`, fix, trace].filter((line) => line !== null).join('\n');
}
