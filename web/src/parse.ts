/**
 * The Prometheus text format 0.0.4. Pure.
 * Source: Prometheus documentation, "Exposition formats".
 */

export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

export interface Scrape {
  readonly types: ReadonlyMap<string, MetricType>;
  readonly samples: readonly Sample[];
}

/** The text is something else: a proxy's page, or half an answer. */
export class NotMetrics extends Error {}

const metric = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+-?\d+)?$/;
const label = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
const type_line = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(counter|gauge|histogram|summary|untyped)$/;

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

function parse_labels(text: string): Labels | undefined {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const found = label.exec(text);
    if (!found) return undefined;
    labels[found[1]!] = unescape(found[2]!);
  }
  return labels;
}

function parse_value(text: string): number | undefined {
  if (/^[+]?Inf$/i.test(text)) return Infinity;
  if (/^-Inf$/i.test(text)) return -Infinity;
  if (/^NaN$/i.test(text)) return NaN;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

function parse_sample(line: string): Sample | undefined {
  const found = metric.exec(line);
  if (!found) return undefined;
  const labels = parse_labels(found[2]?.trim() ?? '');
  const value = parse_value(found[3]!);
  if (!labels || value === undefined) return undefined;
  return { name: found[1]!, labels, value };
}

/** Throws NotMetrics when a line is neither a sample, a comment nor empty. */
export function parse(text: string): Scrape {
  const types = new Map<string, MetricType>();
  const samples: Sample[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '') continue;
    if (line.startsWith('#')) {
      const typed = type_line.exec(line);
      if (typed) types.set(typed[1]!, typed[2] as MetricType);
      continue;
    }
    const sample = parse_sample(line);
    if (!sample) throw new NotMetrics(`line ${index + 1} is no metric`);
    samples.push(sample);
  }
  return { types, samples };
}
