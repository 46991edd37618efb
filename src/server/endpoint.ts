import type { IncomingMessage, ServerResponse } from 'node:http';

import type { JsonValue } from '../core/json.ts';
import type { LedgerEvent } from '../core/ledger-event.ts';
import type { AskProcesses } from '../core/process-question.ts';
import type { Reload } from '../core/reload.ts';
import type { Configuration } from '../core/route.ts';
import type { Secret } from '../core/secret.ts';
import type { Steps } from '../pipeline/exchange.ts';
import type { Holding } from '../pipeline/held-bytes.ts';
import type { Shadows } from '../pipeline/shadows.ts';
import type { ComparisonSlot } from './comparison-slot.ts';
import type { RequestTarget } from './front-door.ts';
import type { OpenRequests } from './open-requests.ts';
import type { Overload } from './overload.ts';

/** Who learns from what people say of answers. */
export interface OutcomeListener {
  /** An outcome that came to this process, and is on record. Those of other processes are in `Ledger.events`. */
  add(event: LedgerEvent): void;
}

/** What endpoints share; made once in `gateway.ts`. */
export interface ServerContext {
  readonly steps: Steps;
  /** The snapshot new requests begin with. */
  readonly configuration: () => Configuration;
  readonly adminToken: Secret;
  /** `null`: this gateway was not started from something that can be read again. */
  readonly reload: Reload | null;
  readonly requests: OpenRequests;
  readonly overload: Overload;
  readonly outcomes: OutcomeListener;
  readonly comparisons: ComparisonSlot;
  readonly shadows: Shadows;
  /** Asks every process that serves the port, this one included. */
  readonly ask: AskProcesses;
}

/** One request at an endpoint. */
export interface EndpointCall {
  readonly id: string;
  readonly arrivedAt: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  /** What the pattern's `{…}` matched; empty when it has none. */
  readonly parameter: string;
  readonly context: ServerContext;
  /** What is held in memory for it, until its handler is done. */
  readonly held: Holding;
}

/** One HTTP path of ours. Its handler answers, or throws a `GatewayError`. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** An exact path, or one with `{name}`, which takes one segment, or at its end `{name...}`, which takes all the rest. */
  readonly path: string;
  readonly handle: (call: EndpointCall) => Promise<void> | void;
}

/** Answers with a JSON body. */
export function sendJson(call: EndpointCall, status: number, body: JsonValue | object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  call.response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': String(bytes.length),
    'x-request-id': call.id,
  });
  call.response.end(bytes);
}
