/** How a model writes besides what it was asked for, as far as it decides where its answer begins. */
export interface OutputHabits {
  /** Tags around reasoning that stands in the text itself, before the answer. */
  readonly reasoningTags: readonly string[];
  /** Whether the model's prompt template opens the tag, so that the text holds nothing but its end. */
  readonly opensInPrompt: boolean;
}

interface HabitRow extends OutputHabits {
  /** What the vendor's name of the model holds, in lower case. */
  readonly named: string;
  readonly source: string;
  readonly asOf: string;
}

const OTHERS: OutputHabits = { reasoningTags: ['think', 'thinking', 'reasoning'], opensInPrompt: false };

/** Models whose text is to be read otherwise than others'. Hosts that part reasoning from text themselves show none of it. */
const ROWS: readonly HabitRow[] = [
  {
    named: 'deepseek-r1',
    reasoningTags: ['think'],
    opensInPrompt: true,
    source: 'huggingface.co/deepseek-ai/DeepSeek-R1, chat template and discussion 144',
    asOf: '2026-11-22',
  },
  {
    named: 'qwen3',
    reasoningTags: ['think'],
    opensInPrompt: true,
    source: 'huggingface.co/Qwen/Qwen3-235B-A22B-Thinking-2507, model card',
    asOf: '2026-11-22',
  },
  {
    named: 'kimi-k2',
    reasoningTags: ['think'],
    opensInPrompt: true,
    source: 'huggingface.co/moonshotai/Kimi-K2.5, chat template and discussion 27',
    asOf: '2026-11-22',
  },
];

/** The habits of a model by the vendor's name of it; those of most models where nothing else is known. */
export function outputHabits(modelId: string): OutputHabits {
  const name = modelId.toLowerCase();
  return ROWS.find((row) => name.includes(row.named)) ?? OTHERS;
}
