import { isJsonObject, type JsonObject, objectMember, stringMember } from '../../core/json.ts';
import { attemptsOf, type Scene } from './scene.ts';

const ANSWERS = 30;

type Figures = {
  readonly answers: number;
  /** Of which the model is named at all. */
  readonly model_named: number;
  /** Of which it is known who answered where, with which exact prompt and parameters, and why. */
  readonly explained: number;
};

/** Somebody asks, later, who wrote an answer. */
export const whoAnswered: Scene<Figures> = {
  key: 'who_answered',
  title: 'who answered?',
  situation: `${ANSWERS} of the answers above`,
  mechanism: 'the record of every answer',
  play(arm, _draws, before) {
    const given = before.filter(({ asked }) => asked.status === 200);
    const step = Math.max(1, Math.floor(given.length / ANSWERS));
    const answers = given.filter((_, index) => index % step === 0).slice(0, ANSWERS);
    // A plain proxy has told what it tells; Candor is asked for its record.
    const known = answers.map(({ asked, record }) => (arm.name === 'plain' ? factsOfAnswer(asked.body) : record));
    const figures = {
      answers: answers.length,
      model_named: answers.filter(({ asked }) => stringMember(asked.body, 'model') !== null).length,
      explained: known.filter(isExplained).length,
    };
    return Promise.resolve({ answered: [], figures });
  },
  isCaught: (plain, candor) => plain.explained < plain.answers && candor.explained === ANSWERS,
  tell: ({ answers, explained, model_named }, arm) =>
    arm === 'plain'
      ? [`${explained} of ${answers}, ${model_named} name a model`]
      : [`${explained} of ${answers}: \`candor trace gen_…\``],
};

/** What an answer says of itself. */
function factsOfAnswer(body: JsonObject): JsonObject {
  return objectMember(body, 'candor') ?? {};
}

function isExplained(facts: JsonObject): boolean {
  const served = attemptsOf(facts).at(-1);
  const sent = served === undefined ? null : objectMember(served, 'sent');
  return (
    stringMember(facts, 'served_by') !== null &&
    stringMember(facts, 'why') !== null &&
    isJsonObject(sent) &&
    stringMember(sent, 'body') !== null
  );
}
