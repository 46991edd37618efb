import type { ChatRequest } from '../core/chat.ts';
import type { ClientDialect } from '../core/client-dialect.ts';
import type { Clock } from '../core/clock.ts';
import type { Confidences } from '../confidence/confidences.ts';
import type { Configuration } from '../core/route.ts';
import type { SimulatorControl } from '../core/simulation.ts';
import type { RecordDeliveries } from '../hooks/record-deliveries.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Circuits } from '../routing/circuits.ts';
import type { RetryBudget } from '../routing/retry-budget.ts';
import type { Certificates } from '../substitution/certificates.ts';
import type { DecisionLog } from '../telemetry/decision-log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { GenerationExporter } from '../telemetry/otel/exporter.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Provider } from '../providers/provider.ts';
import type { TokenCounter } from '../tokens/token-counter.ts';
import type { Transport } from '../transport/send.ts';
import type { ValidationSteps } from '../validation/run.ts';
import type { Aside } from './aside.ts';
import type { AnswerLengths } from './answer-lengths.ts';
import type { AnswerSpill } from './answer-spill.ts';
import type { FairTurns } from './fair-turns.ts';
import type { HeldBytes, Holding } from './held-bytes.ts';
import type { InFlight } from './in-flight.ts';
import type { Scopes } from './scopes.ts';
import type { ServedPrices } from './served-prices.ts';

/** The client's end of one HTTP exchange. */
export interface ClientConnection {
  /** Whether the client has gone. */
  readonly closed: boolean;
  /** Calls back once when the client goes before the response has ended. */
  onClosed(callback: () => void): void;
  /** Sends status and headers (names and values by turns). Once. */
  start(status: number, headers: readonly string[]): void;
  /** Sends bytes; a promise when the client is slower than that, to be awaited before more is sent. */
  write(bytes: Buffer): Promise<void> | undefined;
  /** Sends the last bytes and ends the response; a promise when the client has yet to take them. */
  end(bytes: Buffer): Promise<void> | undefined;
  /** Gives the connection up. */
  destroy(): void;
}

/** One request on its way through the pipeline. */
export interface Exchange {
  readonly id: string;
  readonly request: ChatRequest;
  readonly dialect: ClientDialect;
  readonly client: ClientConnection;
  /** What is held in memory for it; given back by whoever made the exchange, when it has ended. */
  readonly held: Holding;
  /** The snapshot this request keeps to its end. */
  readonly configuration: Configuration;
  /** Monotonic time at which the request came. */
  readonly arrivedAt: number;
  /** Set where Candor itself asks; absent: a client does. */
  readonly aside?: Aside;
}

/** What the pipeline works with; put together in `gateway.ts`. */
export interface Steps {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly transport: Transport;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly validation: ValidationSteps;
  readonly simulator: SimulatorControl | null;
  readonly inFlight: InFlight;
  readonly turns: FairTurns;
  readonly spill: AnswerSpill;
  readonly held: HeldBytes;
  readonly tokens: TokenCounter;
  readonly answerLengths: AnswerLengths;
  readonly prices: ServedPrices;
  readonly telemetry: Telemetry;
  readonly circuits: Circuits;
  readonly retryBudget: RetryBudget;
  /** The same for what Candor itself asks. */
  readonly asideRetryBudget: RetryBudget;
  readonly deliveries: RecordDeliveries;
  readonly scopes: Scopes;
  readonly certificates: Certificates;
  readonly confidences: Confidences;
  readonly decisions: DecisionLog;
  readonly metrics: Metrics;
  /** `null`: no OpenTelemetry SDK listens. */
  readonly spans: GenerationExporter | null;
  /** A chance in [0, 1). */
  readonly draw: () => number;
  /** Logs a fault of our own. The client hears only `internal_error`. */
  readonly reportFault: (id: string, cause: unknown) => void;
  /** Where people look at a generation, without the id: `http://127.0.0.1:4141/r/`. */
  readonly traceBase: string;
}
