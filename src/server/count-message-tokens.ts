import { decodeCountTokens } from '../dialects/anthropic-messages/decode.ts';
import { countPrompt } from '../pipeline/count-prompt.ts';
import { refuseQuery } from './chat-endpoint.ts';
import { directiveHeaders } from './directive-headers.ts';
import { sendJson, type Endpoint, type EndpointCall } from './endpoint.ts';
import { readJsonBytes } from './request-body.ts';

/** Anthropic's count of the tokens of a prompt, as the model would read it. Nothing is sent, and nothing is recorded. */
export const COUNT_MESSAGE_TOKENS: readonly Endpoint[] = ['/v1', '/anthropic/v1'].map((prefix) => ({
  method: 'POST',
  path: `${prefix}/messages/count_tokens`,
  handle: countMessageTokens,
}));

async function countMessageTokens(call: EndpointCall): Promise<void> {
  const { steps, configuration } = call.context;
  if (call.target.query !== 'beta=true') refuseQuery(call.target.query);
  const body = await readJsonBytes(call.request, call.held);
  const headers = directiveHeaders(call);
  const request = decodeCountTokens({ body, headers, pathParameter: '', explain: false });
  const { tokens, deployment } = await countPrompt(request, configuration(), steps);
  const candor = {
    method: tokens.method,
    error_band: tokens.errorBand,
    lower_bound: tokens.isLowerBound,
    counted_for: deployment,
  };
  sendJson(call, 200, { input_tokens: tokens.count, ...(request.directives.candorBody ? { candor } : {}) });
}
