import type { MetricFamily, Series } from './series.ts';

/** All metrics of one process. */
export type ProcessFamilies = readonly MetricFamily[];

/** The type of the text `metricsText` gives. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The metrics of several processes as those of one: counters and histograms are summed, gauges as their `aggregator`
 * says. Metrics and series stand in the order in which they first come.
 */
export function mergedMetrics(processes: readonly ProcessFamilies[]): ProcessFamilies {
  const families = new Map<string, { readonly family: MetricFamily; readonly series: Map<string, Series> }>();
  for (const family of processes.flat()) {
    const merged = families.get(family.name) ?? { family, series: new Map<string, Series>() };
    families.set(family.name, merged);
    for (const each of family.series) {
      const before = merged.series.get(each.labels);
      merged.series.set(each.labels, before === undefined ? each : mergedSeries(family, before, each));
    }
  }
  return [...families.values()].map(({ family, series }) => ({ ...family, series: [...series.values()] }));
}

function mergedSeries({ aggregator }: MetricFamily, before: Series, { labels, values }: Series): Series {
  if (aggregator === 'first') return before;
  const merge = (one: number, other: number): number => (aggregator === 'min' ? Math.min(one, other) : one + other);
  return { labels, values: values.map((value, index) => merge(before.values[index] ?? 0, value)) };
}

/** Metrics in the text format of Prometheus, 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
export function metricsText(families: ProcessFamilies): string {
  return families
    .map((family) => {
      const { name, help, type, bounds, series } = family;
      const lines = series.map(({ labels, values }) =>
        type === 'histogram'
          ? histogramLines(name, labels, bounds, values)
          : `${name}${inBraces(labels)} ${values[0] ?? 0}\n`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('\n');
}

function histogramLines(name: string, labels: string, bounds: readonly number[], values: readonly number[]): string {
  const others = labels === '' ? '' : `,${labels}`;
  let total = 0;
  let lines = '';
  for (const [index, count] of values.slice(0, -1).entries()) {
    total += count;
    lines += `${name}_bucket{le="${bounds[index] ?? '+Inf'}"${others}} ${total}\n`;
  }
  return `${lines}${name}_sum${inBraces(labels)} ${values.at(-1) ?? 0}\n${name}_count${inBraces(labels)} ${total}\n`;
}

function inBraces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}
