import { arrayMember, type JsonObject } from '../../core/json.ts';
import { findGateway, readJson, refusal } from '../client.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { explanationText } from './explain-view.ts';
import type { Terminal } from '../terminal.ts';

export interface ExplainOptions {
  readonly if?: string;
  readonly tokens?: number;
  readonly json?: boolean;
  readonly state?: string;
}

/** What stands for the user's text where none is given: the plan depends on what a request asks for, not on its words. */
const ANY_TEXT = 'Hello';

/** `candor explain TARGET`: the plan of a request, or why a recorded one went where it went. Exit code 4 when a plan leaves nobody. */
export async function runExplain(
  target: string,
  text: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const isRecorded = target.startsWith('gen_');
  if (isRecorded && (text !== undefined || options.if !== undefined || options.tokens !== undefined)) {
    throw new CommandError(2, 'a recorded request is explained as it came: leave out the text, --if and --tokens');
  }
  const content = text === '-' ? await terminal.readInput() : (text ?? ANY_TEXT);
  const candor = {
    ...(options.if === undefined ? {} : { if: options.if }),
    ...(options.tokens === undefined ? {} : { tokens: options.tokens }),
  };
  const body: JsonObject = isRecorded
    ? { generation: target }
    : { model: target, messages: [{ role: 'user', content }], candor };
  const gateway = findGateway(terminal, options.state);
  try {
    const response = await gateway.send({ method: 'POST', path: '/v1/candor/explain', body });
    const explanation = await readJson(response);
    if (response.status !== 200) throw refusal(response.status, explanation);
    terminal.out(options.json === true ? `${JSON.stringify(explanation)}\n` : explanationText(explanation));
    // Of the past, only where something was decided.
    const isPlanned = explanation['decided_again'] !== null;
    return isPlanned && arrayMember(explanation, 'plan').length === 0 ? 4 : 0;
  } finally {
    await gateway.close();
  }
}
