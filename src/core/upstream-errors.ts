import { failed, later, refused } from './error-row.ts';

/** Errors of an attempt, as a client sees them when it was the only candidate. Collected in `ERRORS`. */
export const UPSTREAM_ERRORS = {
  upstream_unreachable: failed(
    502,
    'The provider refused the connection.',
    'Check the provider’s `url` in the config and its status page.',
  ),
  upstream_connect_timeout: failed(
    504,
    'No connection to the provider came about in time.',
    'Check the network and firewall between the gateway and the provider.',
  ),
  upstream_dns: failed(
    502,
    'The provider’s host name could not be resolved.',
    'Check the provider’s `url` in the config and the name service.',
  ),
  upstream_dns_timeout: failed(
    504,
    'The name service did not answer for the provider’s host in time.',
    'Check the name service of the gateway’s machine.',
  ),
  upstream_address_forbidden: failed(
    502,
    'The provider’s host name leads to this machine or a private network, so nothing was sent.',
    'Find out who changed what the name service says; if the provider is meant to be there, write `allow_private: true`.',
  ),
  upstream_tls: failed(
    502,
    'The provider’s certificate is not valid, so nothing was sent.',
    'Look for a proxy in between, a wrong host name, or an expired certificate.',
  ),
  upstream_reset: failed(
    502,
    'The provider closed the connection before it answered.',
    'Send the request again; the provider may have charged for this one.',
  ),
  upstream_stale_socket: failed(
    502,
    'The provider closed a connection that had been idle just as the request went out over it.',
    'Send the request again; if it happens often, look for a proxy in between that closes idle connections early.',
  ),
  upstream_protocol: failed(
    502,
    'The provider’s answer is not valid HTTP.',
    'Look for a proxy or a wrong port in the provider’s `url`.',
  ),
  upstream_headers: failed(
    502,
    'The provider’s response headers are larger than the gateway accepts.',
    'Look for a proxy in between that adds headers.',
  ),
  upstream_redirect_refused: failed(
    502,
    'The provider answered with a redirect, which the gateway never follows.',
    'Put the final address into the provider’s `url`.',
  ),
  upstream_content_type: failed(
    502,
    'The provider answered with something other than JSON or an event stream, such as a web page.',
    'Look for a login page or proxy in between; check the provider’s `url`.',
  ),
  upstream_encoding: failed(
    502,
    'The provider compressed its answer although it was asked not to.',
    'Look for a proxy in between that compresses.',
  ),
  upstream_invalid_json: failed(
    502,
    'The provider’s answer is not valid JSON.',
    'Send the request again; if it stays so, report it to the provider.',
  ),
  upstream_invalid_event: failed(
    502,
    'The provider’s stream holds an event that cannot be read.',
    'Send the request again; if it stays so, report it to the provider.',
  ),
  upstream_invalid_utf8: failed(
    502,
    'The provider’s answer is not valid UTF-8.',
    'Send the request again; if it stays so, report it to the provider.',
  ),
  upstream_invalid_answer: failed(
    502,
    'The provider’s answer is valid JSON, but not an answer of its own protocol.',
    'Check that the provider’s `kind` fits the `url` in the config.',
  ),
  upstream_frame_too_large: failed(
    502,
    'One event of the provider’s stream is larger than 1 MiB.',
    'Ask for less output at once.',
  ),
  upstream_overrun: failed(
    502,
    'The provider sent far more than it was asked for, so the gateway stopped reading.',
    'Set an output cap, or use another provider.',
  ),
  upstream_truncated: failed(
    502,
    'The provider’s answer ended before it was complete.',
    'Discard what arrived and send the request again.',
  ),
  upstream_first_byte_timeout: failed(
    504,
    'The provider took the request and did not begin to answer in time.',
    'Raise `timeout.first_byte` on the route, or add another model to its `try`.',
  ),
  upstream_first_token_timeout: failed(
    504,
    'The provider began to answer but sent no content in time.',
    'Raise `timeout.first_token` on the route, or add another model to its `try`.',
  ),
  upstream_idle_timeout: failed(
    504,
    'The provider’s stream fell silent.',
    'Discard what arrived and send the request again; `timeout.idle` sets how long to wait.',
  ),
  upstream_total_timeout: failed(
    504,
    'The provider’s answer took longer than one attempt may.',
    'Ask for less output, or raise `timeout.total` on the route.',
  ),
  upstream_unknown_finish_reason: failed(
    502,
    'The provider ended its answer with a reason Candor does not know, so it does not count as complete.',
    'Look at the record for the provider’s own word, and update Candor.',
  ),
  upstream_pause_turn: failed(
    502,
    'The provider paused in the middle of its answer more often than Candor asks it to go on.',
    'Ask for less at once, or use another model.',
  ),
  upstream_interrupted: failed(
    502,
    'The provider said itself that it broke off the answer.',
    'Discard what arrived and send the request again.',
  ),
  upstream_malformed_tool_call: failed(
    502,
    'The provider’s tool call is out of order or its arguments are not JSON.',
    'Send the request again, with simpler tools if it stays so.',
  ),
  upstream_auth: failed(
    502,
    'The provider did not accept the gateway’s credential; the client’s key is fine.',
    'Correct the provider’s `key` in the config.',
  ),
  upstream_quota: failed(
    502,
    'The gateway’s account at the provider has no quota or money left.',
    'Look at the billing page of the provider’s account.',
  ),
  upstream_model_unavailable: failed(
    502,
    'The provider does not know the model, or the account may not use it.',
    'Check the model’s `id` in the config.',
  ),
  upstream_rate_limited: later(
    429,
    'Every candidate’s provider limits the rate of this account.',
    'Wait as long as `Retry-After` says, or add another provider to the route.',
  ),
  upstream_overloaded: failed(
    503,
    'The provider says it is overloaded.',
    'Wait a little, or add another model to the route’s `try`.',
  ),
  upstream_error: failed(
    502,
    'The provider failed with an error of its own.',
    'Look at `attempts[].upstream` for what it said; send the request again.',
  ),
  upstream_timeout: failed(
    504,
    'The provider itself gave up after waiting.',
    'Send the request again, with a shorter prompt if it stays so.',
  ),
  upstream_invalid_request: refused(
    400,
    'The provider calls the request invalid.',
    'Change what the provider’s message names; the record shows the body that was sent.',
  ),
} as const;
