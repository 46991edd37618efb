import { objectMember, stringMember } from '../../core/json.ts';
import { type Answered, askInTurn, type Scene, upTo } from './scene.ts';

const REQUESTS = 30;
/** Where deepseek runs, by the config of both arms. */
const FOREIGN = 'deepseek';

type Figures = {
  readonly asked: number;
  readonly answered: number;
  /** Requests that a provider in region cn received. */
  readonly reached_cn: number;
  /** Refused with 400 before anything was sent, since data classes are not built. */
  readonly refused: number;
};

/** Data that must not leave a region goes through a route of which one model is elsewhere. */
export const residency: Scene<Figures> = {
  key: 'residency',
  title: 'residency',
  situation: `data: phi, ${REQUESTS} requests`,
  mechanism: 'refusing words that are not built yet',
  async play(arm) {
    const mark = arm.mark();
    // To a plain proxy the header means nothing: it is not sent.
    const headers = arm.name === 'candor' ? { headers: { 'x-candor-data': 'phi' } } : {};
    const answered = await askInTurn(
      arm,
      upTo(REQUESTS).map((index) => ({
        body: {
          model: 'records',
          messages: [{ role: 'user', content: `Summarize: visit ${index + 1}, nothing found.` }],
        },
        ...headers,
      })),
    );
    return { answered, figures: { ...figuresOf(answered), reached_cn: arm.receivedBy(FOREIGN, mark) } };
  },
  isCaught: (plain, candor) => plain.reached_cn > 0 && candor.reached_cn === 0 && candor.refused === REQUESTS,
  tell: ({ reached_cn, refused }, arm) =>
    arm === 'plain'
      ? [`${reached_cn} reached region cn`]
      : [`${reached_cn} reached region cn`, `${refused} refused (HTTP 400): no data classes yet`],
};

function figuresOf(answered: readonly Answered[]): Omit<Figures, 'reached_cn'> {
  return {
    asked: answered.length,
    answered: answered.filter(({ asked }) => asked.status === 200).length,
    refused: answered.filter(({ asked }) => asked.status === 400 && namesData(asked.body)).length,
  };
}

function namesData(body: Answered['asked']['body']): boolean {
  const error = objectMember(body, 'error');
  return error !== null && stringMember(error, 'param') === 'x-candor-data';
}
