import { requireAdmin } from './admin-session.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readQueryWords } from './query-words.ts';

/** What labels have shown, scope by scope: the data of a reliability diagram among it. All processes learn from one ledger. */
function showConfidence(call: EndpointCall): void {
  requireAdmin(call.request, call.context.adminToken);
  readQueryWords(call.target.query, [], 'confidence');
  sendJson(call, 200, { object: 'confidence', ...call.context.steps.confidences.report() });
}

/** Who may stand in for whom, and the figures of each pair of models that was ever compared. */
function listCertificates(call: EndpointCall): void {
  requireAdmin(call.request, call.context.adminToken);
  readQueryWords(call.target.query, [], 'the list of certificates');
  sendJson(call, 200, { object: 'list', data: call.context.steps.certificates.list() });
}

/** What was concluded from evidence. */
export const EVIDENCE_ENDPOINTS: readonly Endpoint[] = [
  { method: 'GET', path: '/admin/confidence', handle: showConfidence },
  { method: 'GET', path: '/admin/certificates', handle: listCertificates },
];
