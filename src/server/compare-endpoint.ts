import { setMaxListeners } from 'node:events';

import { GatewayError } from '../core/errors.ts';
import { type JsonObject, numberMember } from '../core/json.ts';
import type { Configuration } from '../core/route.ts';
import { type Comparison, runComparison } from '../pipeline/comparison.ts';
import { estimateComparison } from '../pipeline/estimate-comparison.ts';
import { gatewayErrorOf } from '../pipeline/failure-error.ts';
import { requireAdmin } from './admin-session.ts';
import { type ComparisonRequest, decodeComparison } from './compare-body.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { goldenItems } from './golden-items.ts';
import { recordedItems } from './recorded-items.ts';
import { readJsonBytes } from './request-body.ts';

/**
 * `POST /admin/compare`: what a comparison would cost and, where that is confirmed, the comparison, line by line as it goes
 * on (JSON, one object a line). It ends when whoever asked for it goes.
 */
export const compareModels: Endpoint = { method: 'POST', path: '/admin/compare', handle: compare };

async function compare(call: EndpointCall): Promise<void> {
  const { request, context } = call;
  requireAdmin(request, context.adminToken);
  const configuration = context.configuration();
  const asked = decodeComparison(await readJsonBytes(request, call.held), configuration);
  const giveBack = context.comparisons.take();
  if (giveBack === null) {
    throw new GatewayError('comparison_running', 'a comparison is under way already, and only one runs at a time');
  }
  try {
    await answer(asked, configuration, call);
  } finally {
    giveBack();
  }
}

async function answer(asked: ComparisonRequest, configuration: Configuration, call: EndpointCall): Promise<void> {
  const { steps } = call.context;
  const untilMs = untilOf(asked, steps.clock.wallTime());
  const { comparison, skipped } = await comparisonOf(asked, untilMs, configuration, call);
  const estimate = await estimateComparison(comparison, steps);
  const until = untilMs === null ? null : new Date(untilMs).toISOString();
  const lines = new Lines(call);
  lines.tell({ type: 'estimate', ...estimate, skipped, until });
  if (asked.confirm) await run(comparison, numberMember(estimate, 'cost'), lines, call);
  lines.end();
}

/** A failure after the first line is told in a line of its own. */
async function run(
  comparison: Comparison,
  expectedUsd: number | null,
  lines: Lines,
  { id, context }: EndpointCall,
): Promise<void> {
  const follower = { tell: (line: JsonObject): void => lines.tell(line), signal: lines.signal };
  try {
    const result = await runComparison(comparison, expectedUsd, follower, context.steps);
    lines.tell({ type: 'result', ...result });
  } catch (error) {
    const { code, message, cause } = gatewayErrorOf(error);
    if (code === 'internal_error') context.steps.reportFault(id, cause);
    lines.tell({ type: 'error', error: { code, message } });
  }
}

/** Recorded requests are those of before: a comparison does not compare what came while somebody thought about its price. */
function untilOf({ items }: ComparisonRequest, nowMs: number): number | null {
  return 'set' in items ? null : (items.untilMs ?? nowMs);
}

async function comparisonOf(
  asked: ComparisonRequest,
  untilMs: number | null,
  configuration: Configuration,
  { context }: EndpointCall,
): Promise<{ readonly comparison: Comparison; readonly skipped: JsonObject }> {
  const { items: wanted, route, reference, models, concurrency, maxCostUsd } = asked;
  const terms = { configuration, route, reference, models, concurrency, maxCostUsd };
  if ('set' in wanted) {
    const items = goldenItems(wanted.set, route);
    const design = { kind: 'golden', sampling: `set of ${items.length}` } as const;
    return { comparison: { ...terms, items, design }, skipped: { duplicates: wanted.set.length - items.length } };
  }
  const { items, notKept } = await recordedItems({ ...wanted, untilMs }, route, context.steps.ledger);
  const design = { kind: 'compare', sampling: `latest ${items.length}` } as const;
  return { comparison: { ...terms, items, design }, skipped: { not_kept: notKept } };
}

/** The answer, a line at a time. */
class Lines {
  readonly #call: EndpointCall;
  readonly #gone = new AbortController();

  constructor(call: EndpointCall) {
    this.#call = call;
    const { response, id } = call;
    // Everything that is under way waits for it.
    setMaxListeners(0, this.#gone.signal);
    if (response.destroyed) this.#gone.abort();
    response.once('close', () => {
      if (!response.writableEnded) this.#gone.abort();
    });
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      'x-request-id': id,
    });
  }

  /** Aborts when nobody reads any more. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  tell(line: JsonObject): void {
    if (!this.#gone.signal.aborted) this.#call.response.write(`${JSON.stringify(line)}\n`);
  }

  end(): void {
    this.#call.response.end();
  }
}
