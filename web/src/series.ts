/** What the metrics were over time, bounded; rates and quantiles made from differences. Pure: time is passed in. */
import type { Labels, MetricType, Sample, Scrape } from './parse.ts';

/** One series. A counter's values go on rising over restarts of the relay. NaN: not known then. */
export interface Column {
  readonly name: string;
  readonly labels: Labels;
  readonly counts: boolean;
  readonly values: Float64Array; // by slot, see History
  carried: number; // what the counter had reached before its resets
  last: number; // as it was last read
}

const start_time = 'process_start_time_seconds';

function key_of(sample: Sample): string {
  const labels = Object.entries(sample.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sample.name, labels]);
}

function counts(name: string, types: ReadonlyMap<string, MetricType>): boolean {
  const type = types.get(name) ?? types.get(name.replace(/_(bucket|sum|count)$/, ''));
  if (type) return type === 'counter' || type === 'histogram';
  return /_(total|bucket|sum|count)$/.test(name);
}

/** The last `capacity` readings of every series. Readings are numbered from 0, the oldest kept. */
export class History {
  readonly capacity: number;
  readonly #times: Float64Array;
  readonly #columns = new Map<string, Column>();
  readonly #by_name = new Map<string, Column[]>();
  #restarts: number[] = [];
  #first = 0;
  #length = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#times = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Seconds; NaN when there is no such reading. */
  time(index: number): number {
    return index < 0 || index >= this.#length ? NaN : this.#times[this.#slot(index)]!;
  }

  value(column: Column, index: number): number {
    return column.values[this.#slot(index)]!;
  }

  /** All series of a name, whose labels pass. */
  columns(name: string, where: (labels: Labels) => boolean = () => true): Column[] {
    return (this.#by_name.get(name) ?? []).filter((column) => where(column.labels));
  }

  /** When readings first came from a process that was started anew, in seconds. */
  get restarts(): readonly number[] {
    return this.#restarts;
  }

  add(time_s: number, scrape: Scrape): void {
    const slot = this.#advance(time_s);
    if (this.#restarted(scrape)) {
      this.#restarts.push(time_s);
      for (const column of this.#columns.values()) reset(column);
    }
    for (const column of this.#columns.values())
      column.values[slot] = column.counts ? column.carried + column.last : NaN;
    for (const sample of scrape.samples) {
      const column = this.#columns.get(key_of(sample)) ?? this.#open(sample, scrape.types);
      if (column.counts && sample.value < column.last) reset(column);
      column.last = sample.value;
      column.values[slot] = column.carried + sample.value;
    }
  }

  /** The relay said nothing. */
  add_gap(time_s: number): void {
    const slot = this.#advance(time_s);
    for (const column of this.#columns.values()) column.values[slot] = NaN;
  }

  #slot(index: number): number {
    return (this.#first + index) % this.capacity;
  }

  #advance(time_s: number): number {
    if (this.#length < this.capacity) this.#length += 1;
    else this.#first = (this.#first + 1) % this.capacity;
    const slot = this.#slot(this.#length - 1);
    this.#times[slot] = time_s;
    const oldest = this.time(0);
    this.#restarts = this.#restarts.filter((restart) => restart >= oldest);
    return slot;
  }

  #restarted(scrape: Scrape): boolean {
    const before = this.columns(start_time)[0];
    const now = scrape.samples.find((sample) => sample.name === start_time);
    return before !== undefined && now !== undefined && before.last !== now.value;
  }

  /** A counter that appears while we look on began at 0: it has counted since the reading before. */
  #open(sample: Sample, types: ReadonlyMap<string, MetricType>): Column {
    const column: Column = {
      name: sample.name,
      labels: sample.labels,
      counts: counts(sample.name, types),
      values: new Float64Array(this.capacity).fill(NaN),
      carried: 0,
      last: 0,
    };
    if (column.counts) this.#begin_at_zero(column);
    this.#columns.set(key_of(sample), column);
    this.#by_name.set(sample.name, [...this.columns(sample.name), column]);
    return column;
  }

  #begin_at_zero(column: Column): void {
    const witness = this.columns(start_time)[0] ?? this.#columns.values().next().value;
    if (!witness) return;
    for (let index = 0; index < this.#length - 1; index += 1)
      if (!Number.isNaN(this.value(witness, index))) column.values[this.#slot(index)] = 0;
  }
}

function reset(column: Column): void {
  if (!column.counts) return;
  column.carried += column.last;
  column.last = 0;
}

/** The sum of `columns` at each reading; NaN where none of them is known. */
export function sum(history: History, columns: readonly Column[]): number[] {
  return Array.from({ length: history.length }, (_, index) => {
    let total = NaN;
    for (const column of columns) {
      const value = history.value(column, index);
      if (!Number.isNaN(value)) total = (Number.isNaN(total) ? 0 : total) + value;
    }
    return total;
  });
}

/**
 * For each reading, the oldest one known at most `window_s` before it; else the one before it, for browsers let hidden
 * pages ask less often; itself when that is not known.
 */
function window_starts(history: History, known: readonly number[], window_s: number): number[] {
  let start = 0;
  return known.map((_, index) => {
    const oldest = history.time(index) - window_s;
    while (start < index && (history.time(start) < oldest || Number.isNaN(known[start]!))) start += 1;
    const alone = start === index && index > 0 && !Number.isNaN(known[index - 1]!);
    return alone ? index - 1 : start;
  });
}

const slack_s = 0.5; // polls are not exactly on time

/** Per second, over the `window_s` before each reading. NaN where nothing is known. */
export function rate(history: History, columns: readonly Column[], window_s: number): number[] {
  const totals = sum(history, columns);
  const starts = window_starts(history, totals, window_s + slack_s);
  return totals.map((total, index) => {
    const start = starts[index]!;
    if (start === index) return NaN;
    return (total - totals[start]!) / (history.time(index) - history.time(start));
  });
}

/** How much a sum of counters grew since `since_s`; 0 when nothing is known. */
export function increase(history: History, columns: readonly Column[], since_s: number): number {
  const totals = sum(history, columns);
  let first = NaN;
  let last = NaN;
  for (const [index, total] of totals.entries()) {
    if (Number.isNaN(total) || history.time(index) < since_s) continue;
    if (Number.isNaN(first)) first = total;
    last = total;
  }
  return Number.isNaN(first) ? 0 : last - first;
}

export interface Bucket {
  readonly upper: number; // inclusive; the last one is Infinity
  readonly count: number; // of observations up to `upper`
}

/**
 * As Prometheus' histogram_quantile: linear within the bucket, and the highest finite bound for what lies above it.
 * NaN without observations. `buckets` ascend.
 */
export function quantile(q: number, buckets: readonly Bucket[]): number {
  const all = buckets.at(-1)?.count ?? 0;
  if (!(all > 0)) return NaN;
  const rank = q * all;
  const at = buckets.findIndex((bucket) => bucket.count >= rank);
  const below = at > 0 ? buckets[at - 1]! : { upper: 0, count: 0 };
  const bucket = buckets[at]!;
  if (bucket.upper === Infinity) return below.upper;
  if (bucket.count === below.count) return bucket.upper;
  return below.upper + ((bucket.upper - below.upper) * (rank - below.count)) / (bucket.count - below.count);
}

/** The q-quantiles of histogram `name` over the `window_s` before each reading, one list for each q. */
export function quantiles(history: History, name: string, qs: readonly number[], window_s: number): number[][] {
  const bounds = bucket_sums(history, name);
  const known = bounds.at(-1)?.totals ?? new Array<number>(history.length).fill(NaN);
  const starts = window_starts(history, known, window_s + slack_s);
  const results: number[][] = qs.map(() => []);
  for (const [index, start] of starts.entries()) {
    const buckets = bounds.map(({ upper, totals }) => ({ upper, count: totals[index]! - totals[start]! }));
    for (const [which, q] of qs.entries()) results[which]!.push(quantile(q, buckets));
  }
  return results;
}

function bucket_sums(history: History, name: string): { upper: number; totals: number[] }[] {
  const by_bound = new Map<number, Column[]>();
  for (const column of history.columns(`${name}_bucket`)) {
    const upper = column.labels['le'] === '+Inf' ? Infinity : Number(column.labels['le']);
    by_bound.set(upper, [...(by_bound.get(upper) ?? []), column]);
  }
  return [...by_bound]
    .sort(([a], [b]) => a - b)
    .map(([upper, columns]) => ({ upper, totals: sum(history, columns) }));
}

/** The value of the newest reading; NaN where that is not known. */
export function latest(values: readonly number[]): number {
  return values.at(-1) ?? NaN;
}
