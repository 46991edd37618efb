import { isJsonObject, objectMember, parseJson, stringMember, type JsonObject } from '../../core/json.ts';
import { deltaText, isFinish, messageText, provenanceLine } from './answer-view.ts';
import { errorSentence, findGateway, readEvents, readJson, refusal, type GatewayResponse } from '../client.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import type { Terminal } from '../terminal.ts';
import { plainLines, plainText } from '../text.ts';

export interface AskOptions {
  readonly json?: boolean;
  readonly stream?: boolean;
  readonly state?: string;
}

/**
 * `candor ask ROUTE "text"`: one question to the running gateway. The answer is streamed to standard
 * output and who wrote it told on standard error; `--json` prints the whole answer as JSON instead,
 * with `--stream` each event on a line of its own. The text `-` stands for standard input.
 */
export async function runAsk(route: string, text: string, options: AskOptions, terminal: Terminal): Promise<ExitCode> {
  const content = text === '-' ? await terminal.readInput() : text;
  if (content.trim() === '') throw new CommandError(2, 'there is nothing to ask');
  const gateway = findGateway(terminal, options.state);
  try {
    const stream = options.json !== true || options.stream === true;
    const body = { model: route, messages: [{ role: 'user', content }], stream };
    const response = await gateway.send({ method: 'POST', path: '/v1/chat/completions', body });
    if (response.status !== 200) return await printRefusal(response, options, terminal);
    if (stream) return await printStream(response, options.json === true, terminal);
    terminal.out(`${JSON.stringify(await readJson(response))}\n`);
    return 0;
  } finally {
    await gateway.close();
  }
}

async function printRefusal(response: GatewayResponse, options: AskOptions, terminal: Terminal): Promise<ExitCode> {
  const body = await readJson(response);
  if (options.json === true) terminal.out(`${JSON.stringify(body)}\n`);
  throw refusal(response.status, body);
}

/** Prints a stream as it comes. An answer that does not end as its protocol ends it is an error, whatever text has come. */
async function printStream(response: GatewayResponse, json: boolean, terminal: Terminal): Promise<ExitCode> {
  let finished = false;
  let wrote = false;
  let last: JsonObject | null = null;
  const endLine = (): void => {
    if (wrote && !json) terminal.out('\n');
  };
  for await (const data of readEvents(response.chunks)) {
    if (data === '[DONE]') continue;
    const event = parseJson(data);
    if (!isJsonObject(event)) continue;
    if (json) terminal.out(`${JSON.stringify(event)}\n`);
    const error = errorSentence(event);
    if (error !== null) {
      endLine();
      throw new CommandError(1, error);
    }
    const added = isWholeAnswer(event) ? messageText(event) : deltaText(event);
    wrote ||= added !== '';
    // A file or a program gets the answer as it is; a model must not steer a person's terminal.
    if (!json) terminal.out(terminal.interactive ? plainLines(added) : added);
    finished ||= isFinish(event);
    if (objectMember(event, 'candor') !== null) last = event;
  }
  endLine();
  if (!finished) throw new CommandError(1, 'the answer ended before its end: the stream has no finish_reason');
  const candor = last === null ? null : objectMember(last, 'candor');
  if (last !== null && candor !== null && !json) {
    terminal.say(`${plainText(provenanceLine(stringMember(last, 'id'), candor, objectMember(last, 'usage')))}\n`);
  }
  return 0;
}

function isWholeAnswer(event: JsonObject): boolean {
  return stringMember(event, 'object') === 'chat.completion';
}
