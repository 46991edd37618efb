import { describe, expect, test } from 'vitest';

import type { Clock } from '../src/core/clock.ts';
import { isFailure } from '../src/core/failure.ts';
import { Transport, type Call, type CallResponse, type OpenCall } from '../src/transport/send.ts';
import type { LookUpHost } from '../src/transport/name-resolver.ts';
import { startInjectedGateway } from './support/injected-gateway.ts';
import type { Cell } from './support/upstream-faults/cells.ts';
import { openFaultBench } from './support/upstream-faults/fault-bench.ts';
import { runCells } from './support/upstream-faults/run-cells.ts';

/**
 * The twins of the matrix of upstream faults: with a step that breaks the rules of retries in the place of ours, the
 * cells that are about them must find it.
 */

/** What goes wrong in a transport that asks again where nobody may. */
abstract class InsistentTransport extends Transport {
  override send(call: Call): OpenCall {
    const open = super.send(call);
    return { response: this.insist(open, call), abort: (reason) => open.abort(reason) };
  }

  protected askAgain(call: Call): OpenCall {
    return super.send({ ...call, fresh: true });
  }

  protected abstract insist(open: OpenCall, call: Call): OpenCall['response'];
}

class AfterSilence extends InsistentTransport {
  protected async insist(open: OpenCall, call: Call): OpenCall['response'] {
    const response = await open.response;
    const isSilence = isFailure(response) && response.kind === 'first_byte_timeout';
    return isSilence ? this.askAgain(call).response : response;
  }
}

class AfterContent extends InsistentTransport {
  protected async insist(open: OpenCall, call: Call): OpenCall['response'] {
    const first = await open.response;
    if (isFailure(first)) return first;
    let current: CallResponse = first;
    const next = async (): ReturnType<CallResponse['next']> => {
      const chunk = await current.next();
      if (!isFailure(chunk) || current !== first) return chunk;
      const second = await this.askAgain(call).response;
      if (isFailure(second)) return chunk;
      current = second;
      return current.next();
    };
    return { status: first.status, headers: first.headers, headersAt: first.headersAt, next };
  }
}

type MakeTransport = (clock: Clock, lookUp: LookUpHost) => Transport;

async function flawsWith(transport: MakeTransport, isChosen: (cell: Cell) => boolean): Promise<readonly string[][]> {
  const bench = await openFaultBench(
    (all) => all.filter(isChosen),
    (configuration, lookUp) => startInjectedGateway({ configuration, transport: (clock) => transport(clock, lookUp) }),
  );
  try {
    const flaws = await runCells(bench, bench.cells);
    return bench.cells.map(({ id }) => [...(flaws.get(id) ?? ['never played'])]);
  } finally {
    await bench.close();
  }
}

const silent = ({ row, mode }: Cell): boolean => row === 13 && mode === 'alone';
const cut = ({ row, stream, mode }: Cell): boolean => row === 16 && stream && mode === 'alone';

describe.each<[string, (cell: Cell) => boolean, MakeTransport]>([
  ['silence', silent, (clock, lookUp) => new AfterSilence(clock, lookUp)],
  ['content', cut, (clock, lookUp) => new AfterContent(clock, lookUp)],
])('asking again after %s', (_what, isChosen, insistent) => {
  test('does not happen with the real steps', async () => {
    const flaws = await flawsWith((clock, lookUp) => new Transport(clock, lookUp), isChosen);
    expect(flaws.length).toBeGreaterThan(0);
    expect(flaws.flat()).toEqual([]);
  });

  test('turns every cell red that is about it', async () => {
    const flaws = await flawsWith(insistent, isChosen);
    expect(flaws.filter((of) => !of.includes('requests heard: 2 instead of 1'))).toEqual([]);
  });
});
