/** One line of metrics with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is read of a text of metrics, by name. */
export type Exposition = ReadonlyMap<string, { readonly type: string; readonly samples: readonly Sample[] }>;

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (?:[^\\\n]|\\[\\n])+$/;
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"\n]|\\[\\"n])*)"(?:,|$)/y;

/**
 * Reads metrics as strictly as the text format 0.0.4 is written (prometheus.io/docs/instrumenting/exposition_formats): each
 * metric once, described before its samples, no series twice, histograms cumulative and complete.
 * @throws Error at the first line that is not so
 */
export function readExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const metrics = new Map<string, { type: string; samples: Sample[] }>();
  const described = new Set<string>();
  const series = new Set<string>();
  let current = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, helped] = HELP.exec(line) ?? [];
    const [, typed, type = ''] = TYPE.exec(line) ?? [];
    if (helped !== undefined) {
      if (described.has(helped)) throw new Error(`${helped} is described twice`);
      described.add(helped);
      current = helped;
    } else if (typed !== undefined) {
      if (typed !== current || metrics.has(typed)) throw new Error(`${typed} has its type in the wrong place`);
      metrics.set(typed, { type, samples: [] });
    } else {
      const sample = sampleOf(line);
      const metric = metrics.get(current);
      if (metric === undefined || !belongs(sample.name, current, metric.type)) throw new Error(`stray: ${line}`);
      const key = line.slice(0, line.lastIndexOf(' '));
      if (series.has(key)) throw new Error(`twice: ${key}`);
      series.add(key);
      metric.samples.push(sample);
    }
  }
  for (const [name, { type, samples }] of metrics) {
    if (type === 'histogram') checkHistogram(name, samples);
    if (type === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is below 0`);
  }
  return metrics;
}

function sampleOf(line: string): Sample {
  const [, name = '', labelText = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === '' || !Number.isFinite(Number(value))) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let found = LABEL.exec(labelText); found !== null; found = LABEL.exec(labelText)) {
    const [, label = '', text = ''] = found;
    if (label in labels) throw new Error(`a label twice: ${line}`);
    labels[label] = text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    end = LABEL.lastIndex;
  }
  if (end !== labelText.length) throw new Error(`no labels: ${line}`);
  return { name, labels, value: Number(value) };
}

function belongs(name: string, metric: string, type: string): boolean {
  return type === 'histogram' ? ['_bucket', '_sum', '_count'].some((end) => name === metric + end) : name === metric;
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const seriesOf = ({ labels }: Sample): string => JSON.stringify({ ...labels, le: undefined });
  for (const series of new Set(samples.map(seriesOf))) {
    const own = samples.filter((sample) => seriesOf(sample) === series);
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])));
    const counts = buckets.map(({ value }) => value);
    const count = own.find((sample) => sample.name === `${name}_count`)?.value;
    const isAscending = (values: readonly number[]): boolean =>
      values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
    if (bounds.at(-1) !== Infinity || !isAscending(bounds) || !isAscending(counts) || counts.at(-1) !== count) {
      throw new Error(`${name}${series} is no histogram`);
    }
    if (!own.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name}${series} has no sum`);
  }
}
