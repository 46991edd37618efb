import { findGateway, readJson, refusal } from '../client.ts';
import { CommandError, type ExitCode } from '../command-error.ts';
import { wholeId } from './generation-id.ts';
import type { Terminal } from '../terminal.ts';
import { askedBody, sentBodies, traceText } from './trace-view.ts';

export interface TraceOptions {
  readonly sent?: boolean;
  readonly asked?: boolean;
  readonly json?: boolean;
  readonly state?: string;
}

/** `candor trace ID`: the record of one answer, or the exact text that came in (`--asked`) or went out (`--sent`). */
export async function runTrace(id: string, options: TraceOptions, terminal: Terminal): Promise<ExitCode> {
  if ([options.sent, options.asked, options.json].filter((flag) => flag === true).length > 1) {
    throw new CommandError(2, 'use one of --sent, --asked and --json');
  }
  const gateway = findGateway(terminal, options.state);
  try {
    const whole = await wholeId(gateway, id);
    const response = await gateway.send({ method: 'GET', path: `/v1/generations/${encodeURIComponent(whole)}` });
    const record = await readJson(response);
    if (response.status !== 200) throw refusal(response.status, record);
    if (options.json === true) terminal.out(`${JSON.stringify(record)}\n`);
    else if (options.asked === true) terminal.out(bodyOrRefuse([askedBody(record)], 'asked'));
    else if (options.sent === true) terminal.out(bodyOrRefuse(sentBodies(record), 'sent'));
    else terminal.out(traceText(record));
    return 0;
  } finally {
    await gateway.close();
  }
}

/** The bodies, one a line. Bodies that were not kept cannot be shown, which is a result to be told from an empty one. */
function bodyOrRefuse(bodies: readonly (string | null)[], which: string): string {
  const kept = bodies.filter((body) => body !== null);
  if (kept.length === 0)
    throw new CommandError(1, `the text as ${which} was not kept; the record has its hash (--json)`);
  return kept.map((body) => `${body}\n`).join('');
}
