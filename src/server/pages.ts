import { arrayMember, isJsonObject, numberMember, objectMember, stringMember, type JsonObject } from '../core/json.ts';
import {
  asideText,
  certificateLines,
  changeLines,
  confidenceText,
  excludedLines,
  hookLines,
  verdictLines,
} from '../core/record-lines.ts';
import { requireAdmin, sessionCookie } from './admin-session.ts';
import type { Endpoint, EndpointCall } from './endpoint.ts';
import { findRecord } from './find-record.ts';

const SHOWN = 50;
const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8884;vertical-align:top}
pre{white-space:pre-wrap;overflow-wrap:anywhere}code,pre{font-family:ui-monospace,monospace;font-size:13px}.ribbon{padding:.4rem .8rem;border:1px solid}`;
/** Pages show what models wrote: nothing in them may run, load or be framed. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

async function lastRequests(call: EndpointCall): Promise<void> {
  admit(call);
  const newest = { filters: { aside: false }, limit: SHOWN, after: null };
  const { generations: records } = await call.context.steps.ledger.list(newest);
  const rows = records.map(row).join('');
  const table = `<table><thead><tr><th>time</th><th>asked</th><th>answered by</th><th>result</th><th>ms</th><th>USD</th><th>id</th></tr></thead><tbody>${rows}</tbody></table>`;
  const empty = '<p>No request yet. The README has a first one to paste into a terminal.</p>';
  sendPage(call, 'Candor', `${ribbon(call)}${records.length === 0 ? empty : table}`);
}

async function oneRequest(call: EndpointCall): Promise<void> {
  admit(call);
  const record = await findRecord(call.parameter, 'id', call);
  const why = escapeHtml(stringMember(record, 'why') ?? '');
  const steps = escapeHtml(stepsOf(record).join('\n'));
  const whole = escapeHtml(JSON.stringify(record, null, 2));
  sendPage(
    call,
    call.parameter,
    `<p><a href="/">all requests</a></p><p>${why}</p><pre>${steps}</pre><h2>Record</h2><pre>${whole}</pre>`,
  );
}

/** What happened, in order; `candor trace` tells the same. */
function stepsOf(record: JsonObject): readonly string[] {
  const about = [
    asideText(record),
    stringMember(objectMember(record, 'error') ?? {}, 'message'),
    confidenceText(record),
  ];
  const attempts = arrayMember(record, 'attempts').filter(isJsonObject);
  return [
    ...about.filter((line) => line !== null),
    ...hookLines(record, null),
    ...excludedLines(record),
    ...certificateLines(record),
    ...attempts.flatMap((attempt) => {
      const number = numberMember(attempt, 'n');
      const words = [number, ...['deployment', 'why', 'kind'].map((name) => stringMember(attempt, name))];
      const steps = [...hookLines(record, number), ...changeLines(attempt), ...verdictLines(attempt)];
      return [words.join(' '), ...steps.map((step) => `    ${step}`)];
    }),
  ];
}

/** A development gateway shows its pages to whoever sits at the machine; any other asks for the admin token. */
function admit(call: EndpointCall): void {
  if (call.context.configuration().mode === 'serve') requireAdmin(call.request, call.context.adminToken);
}

function ribbon(call: EndpointCall): string {
  const simulated = [...call.context.configuration().models.values()].filter((model) =>
    model.deployments.some((deployment) => deployment.simulated),
  );
  if (simulated.length === 0) return '';
  return `<p class="ribbon"><strong>SIMULATED</strong> ${escapeHtml(simulated.map((model) => model.name).join(', '))}</p>`;
}

function row(record: JsonObject): string {
  const id = stringMember(record, 'id') ?? '';
  const fallback = objectMember(record, 'fallback');
  const error = objectMember(record, 'error');
  const attempts = arrayMember(record, 'attempts').filter(isJsonObject);
  const total = attempts.reduce((sum, attempt) => sum + (numberMember(attempt, 'ms') ?? 0), 0);
  const result = [
    String(numberMember(record, 'http') ?? stringMember(record, 'status') ?? ''),
    fallback === null ? '' : `▲ fallback (${stringMember(fallback, 'reason') ?? ''})`,
    error === null ? '' : `✕ ${stringMember(error, 'code') ?? ''}`,
  ];
  const cost = numberMember(record, 'cost');
  const cells = [
    stringMember(record, 'created_at') ?? '',
    stringMember(record, 'asked') ?? '',
    stringMember(record, 'served_by') ?? '–',
    result.filter((part) => part !== '').join(' '),
    attempts.length === 0 ? '–' : String(total),
    cost === null ? 'unknown' : cost.toFixed(6),
  ];
  const link = `<td><a href="/r/${escapeHtml(id)}"><code>${escapeHtml(id)}</code></a></td>`;
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}${link}</tr>`;
}

function sendPage(call: EndpointCall, title: string, content: string): void {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1>${content}</body></html>`;
  const bytes = Buffer.from(html);
  const headers: Record<string, string> = {
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(bytes.length),
    'content-security-policy': POLICY,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
  if (call.context.configuration().mode === 'dev') headers['set-cookie'] = sessionCookie(call.context.adminToken);
  call.response.writeHead(200, headers);
  call.response.end(bytes);
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The plain pages. */
export const PAGE_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/', handle: lastRequests },
  { method: 'GET', path: '/r/{id}', handle: oneRequest },
];
