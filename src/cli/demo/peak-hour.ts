import { stringMember } from '../../core/json.ts';
import { FIRST_TOKEN_LIMIT_MS } from './arm-config.ts';
import { type Answered, askInTurn, type Scene, upTo } from './scene.ts';

const CALLS = 300;
const SHARE = 0.95;
const SUBJECTS = ['rivers', 'bridges', 'poets', 'painters', 'instruments', 'islands', 'harbours', 'metals'];

type Figures = {
  readonly calls: number;
  readonly answered: number;
  /** Virtual milliseconds; 95 of 100 answers began within them. */
  readonly ttft_p95_ms: number;
  readonly over_limit: number;
  /** Answers before the first of another model; `null`: there was none. */
  readonly moved_after: number | null;
  readonly moved_to: string | null;
};

/** A model is slow while its country works. */
export const peakHour: Scene<Figures> = {
  key: 'peak_hour',
  title: 'peak hours',
  situation: `14:00 Asia/Shanghai, ${CALLS} calls`,
  mechanism: 'slo ttft_p95, measured',
  async play(arm, draws) {
    const requests = upTo(CALLS).map((index) => ({
      body: {
        model: 'chat',
        stream: true,
        messages: [{ role: 'user', content: `Question ${index + 1}: name three ${draws.pick(SUBJECTS)}.` }],
      },
    }));
    arm.faults.setClock('14:00', 'Asia/Shanghai');
    const answered = await askInTurn(arm, requests);
    arm.faults.reset();
    return { answered, figures: figuresOf(answered) };
  },
  isCaught: (plain, candor) =>
    plain.ttft_p95_ms > FIRST_TOKEN_LIMIT_MS && candor.ttft_p95_ms <= FIRST_TOKEN_LIMIT_MS && candor.answered === CALLS,
  tell: ({ ttft_p95_ms, moved_after, moved_to }) => {
    const moved = moved_to === null ? '' : `, moved to ${moved_to} after ${moved_after ?? '?'} slow calls`;
    return [`TTFT p95 ${(ttft_p95_ms / 1_000).toFixed(1)} s${moved}`];
  },
};

function figuresOf(answered: readonly Answered[]): Figures {
  const waits = answered.map(({ asked }) => Math.round(asked.ttftMs)).toSorted((one, other) => one - other);
  const served = answered.map(({ record }) => modelOf(record));
  const moved = served.findIndex((model) => model !== served[0]);
  return {
    calls: answered.length,
    answered: answered.filter(({ asked }) => asked.status === 200 && asked.text !== '').length,
    ttft_p95_ms: waits[Math.ceil(SHARE * waits.length) - 1] ?? 0,
    over_limit: waits.filter((waitMs) => waitMs > FIRST_TOKEN_LIMIT_MS).length,
    moved_after: moved === -1 ? null : moved,
    moved_to: served[moved] ?? null,
  };
}

/** The model that answered, without its provider. */
function modelOf(record: Answered['record']): string {
  return (stringMember(record, 'served_by') ?? 'nobody').replace(/^[^/]*\//, '').replace(/@.*$/, '');
}
