import { refused } from './error-row.ts';

/** Errors about the request itself: nothing was sent to a provider. Collected in `ERRORS`. */
export const REQUEST_ERRORS = {
  invalid_api_key: refused(
    401,
    'The key is missing, malformed or not known here.',
    'Send a valid key as `Authorization: Bearer …`; the admin token of a local gateway is in `.candor/run.json`.',
  ),
  origin_not_allowed: refused(
    403,
    'The request comes from a web page of another origin.',
    'Call the gateway from a server or a command line; a page of another site may not use it.',
  ),
  model_not_found: refused(
    404,
    'No route, model or deployment has this name.',
    'Use the name the message suggests, or look at `GET /v1/models` for all of them.',
  ),
  generation_not_found: refused(
    404,
    'No generation with this id is on record.',
    'Check the id; a gateway started with `--ephemeral` forgets its records when it ends.',
  ),
  generation_not_complete: refused(
    409,
    'The generation has no complete answer that could be judged.',
    'Send an outcome only for a generation whose `status` is `complete`; `GET /v1/generations/{id}` tells it.',
  ),
  content_not_kept: refused(
    409,
    'The text of the generation is not there: it was not kept, was erased or lost, or has not come to its end yet.',
    'Send the request anew; `content` in `GET /v1/generations/{id}` tells what became of its text.',
  ),
  unknown_url: refused(
    404,
    'The gateway has no such path.',
    'Set the base URL of the SDK to the address of the gateway followed by `/v1`.',
  ),
  not_supported: refused(
    404,
    'The path belongs to an API that Candor does not offer.',
    'Call the provider directly for this API; `docs/http.md` lists what Candor offers.',
  ),
  method_not_allowed: refused(
    405,
    'The path exists, but not with this HTTP method.',
    'Use one of the methods that the `Allow` header names.',
  ),
  request_timeout: refused(
    408,
    'The request did not arrive completely in time.',
    'Send the whole request at once; look for a slow or broken connection in between.',
  ),
  comparison_running: refused(
    409,
    'A comparison of models is under way already.',
    'Wait until it has ended, or end the command that runs it.',
  ),
  sim_not_simulated: refused(
    409,
    'The target of the fault is a real provider, not a simulated one.',
    'Name a simulated provider or model; `candor sim` lists them.',
  ),
  request_too_large: refused(
    413,
    'The body is larger than the gateway accepts.',
    'Send less at once; the limit is 32 MiB.',
  ),
  request_too_large_for_model: refused(
    413,
    'The provider refuses a body of this size.',
    'Send a shorter prompt or smaller images, or use a model that takes more.',
  ),
  unsupported_media_type: refused(
    415,
    'The body is not UTF-8 JSON, or it is compressed in a way the gateway does not read.',
    'Send `content-type: application/json` and an uncompressed body.',
  ),
  host_not_allowed: refused(
    421,
    'The `Host` header names a host this gateway does not serve.',
    'Use the loopback address, or add the name to `server.hosts` in the config.',
  ),
  invalid_config: refused(
    422,
    'The config file has errors, so it was not put in force; the configuration before it stays.',
    'Correct the lines that `diagnostics` names, and reload again; `candor validate` shows them with their place.',
  ),
  upgrade_not_supported: refused(
    426,
    'The gateway speaks plain HTTP/1.1 and does not upgrade connections.',
    'Send ordinary HTTP requests; streams are server-sent events.',
  ),
  too_many_headers: refused(431, 'The request has more than 100 headers.', 'Send fewer headers.'),
  headers_too_large: refused(431, 'The headers of the request are too long.', 'Send shorter headers: 16 KiB in all.'),
  bad_http: refused(400, 'The bytes are not a valid HTTP request.', 'Look at the client or proxy that wrote them.'),
  bad_host: refused(400, 'The `Host` header is missing, doubled or malformed.', 'Send exactly one `Host` header.'),
  bad_path: refused(
    400,
    'The path is not written plainly.',
    'Send the path without `..`, `//`, encoded slashes, semicolons or a host in front.',
  ),
  invalid_request: refused(400, 'The request cannot be understood.', 'Change the part that `param` names.'),
  unsupported_parameter: refused(
    400,
    'A parameter or header asks for something that no candidate can do, or that Candor does not have yet.',
    'Leave out what `param` names, or ask a model that has it.',
  ),
  forbidden_param: refused(
    400,
    'The request tries to set an address, a credential or a header of the upstream.',
    'Leave out what `param` names; only the config decides where a request goes.',
  ),
  missing_body: refused(400, 'The request has no body.', 'Send a JSON object.'),
  invalid_utf8: refused(400, 'The body is not valid UTF-8.', 'Encode the body as UTF-8.'),
  invalid_json: refused(
    400,
    'The body is not valid JSON.',
    'Correct the JSON at the offset the message names; comments and trailing commas are not JSON.',
  ),
  json_too_deep: refused(400, 'The JSON is nested deeper than 64 levels.', 'Send a flatter structure.'),
  json_too_complex: refused(
    400,
    'The JSON has more than 200 000 structural characters.',
    'Send fewer messages, tools or array items at once.',
  ),
  body_must_be_object: refused(400, 'The body is JSON, but not an object.', 'Send a JSON object.'),
  duplicate_key: refused(
    400,
    'A JSON object has the same key twice, so its meaning depends on the reader.',
    'Send each key once.',
  ),
  forbidden_key: refused(
    400,
    'A JSON object has a key that can change how programs treat it, such as `__proto__`.',
    'Leave the key out.',
  ),
  invalid_unicode: refused(
    400,
    'A text contains half of a surrogate pair, which no encoding can carry.',
    'Cut texts between whole characters.',
  ),
  invalid_type: refused(
    400,
    'A value has the wrong type.',
    'Send the type the message names, at the place of `param`.',
  ),
  number_out_of_range: refused(
    400,
    'A number is too large or too precise to be carried unchanged.',
    'Send a number that a 64-bit float holds exactly.',
  ),
  param_out_of_range: refused(
    400,
    'A value is outside what the parameter allows.',
    'Send a value within the bounds the message names.',
  ),
  invalid_messages: refused(
    400,
    'The messages are empty or do not form a conversation.',
    'Correct the message `param` names: its role, its content or the tool call it answers.',
  ),
  url_forbidden: refused(
    400,
    'A URL in the request is not a public https address.',
    'Send the image as a `data:` URL, or at a public https address.',
  ),
  invalid_schema: refused(
    400,
    'The JSON Schema in the request is not a valid schema.',
    'Correct the schema at the place the message names.',
  ),
  context_length_exceeded: refused(
    400,
    'The prompt does not fit the window of any candidate.',
    'Send a shorter prompt or ask for fewer output tokens.',
  ),
  max_cost_exceeded: refused(
    402,
    'No candidate is sure to answer within the cost the request allows.',
    'Raise `x-candor-max-cost-usd`, or name a smaller output cap: what counts is an answer as long as it may be.',
  ),
  content_filter: refused(
    400,
    'The provider refuses this prompt under its safety rules and gave no answer.',
    'Change the prompt; another model is not asked, because a refusal is an answer.',
  ),
} as const;
