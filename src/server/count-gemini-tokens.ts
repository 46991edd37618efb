import { decodeCountTokens } from '../dialects/gemini-generate/decode-count.ts';
import { countPrompt } from '../pipeline/count-prompt.ts';
import { refuseQuery } from './chat-endpoint.ts';
import { directiveHeaders } from './directive-headers.ts';
import { sendJson, type EndpointCall } from './endpoint.ts';
import { readJsonBytes } from './request-body.ts';

/** Counts the tokens of a prompt as the model would read it. Nothing is sent, and nothing is recorded. */
export async function countGeminiTokens(call: EndpointCall): Promise<void> {
  const { steps, configuration } = call.context;
  refuseQuery(call.target.query);
  const body = await readJsonBytes(call.request, call.held);
  const headers = directiveHeaders(call);
  const request = decodeCountTokens({ body, headers, pathParameter: call.parameter, explain: false });
  const { tokens, deployment } = await countPrompt(request, configuration(), steps);
  const candor = {
    method: tokens.method,
    error_band: tokens.errorBand,
    lower_bound: tokens.isLowerBound,
    counted_for: deployment,
  };
  sendJson(call, 200, { totalTokens: tokens.count, ...(request.directives.candorBody ? { candor } : {}) });
}
