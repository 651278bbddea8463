/** What the views draw: the readings of the chosen range, and the figures made of them. */
import type { MetricName } from './names.ts';
import type { Labels } from './parse.ts';
import { type Column, type History, increase, quantiles, rate, sum } from './series.ts';

type Where = (labels: Labels) => boolean;

const rate_window_s = 10;
const quantile_window_s = 30;

export class Frame {
  readonly history: History;
  readonly now_s: number;
  readonly range_s: number;
  readonly times: number[] = [];
  readonly #first: number;

  constructor(history: History, range_s: number) {
    this.history = history;
    this.range_s = range_s;
    this.now_s = history.time(history.length - 1);
    let first = 0;
    while (first < history.length && history.time(first) < this.since_s) first += 1;
    this.#first = first;
    for (let index = first; index < history.length; index += 1) this.times.push(history.time(index));
  }

  /** "5 minutes". */
  get range_words(): string {
    const minutes = this.range_s / 60;
    return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  }

  get since_s(): number {
    return this.now_s - this.range_s;
  }

  /** One value for each of `times`, as are all lists below. */
  gauge(name: MetricName, where?: Where): number[] {
    return this.#cut(sum(this.history, this.history.columns(name, where)));
  }

  /** Per second. */
  rate(name: MetricName, where?: Where): number[] {
    return this.#cut(rate(this.history, this.history.columns(name, where), rate_window_s));
  }

  /** The largest of several series, at each time. */
  largest(name: MetricName): number[] {
    const each = this.history.columns(name).map((column) => this.#values(column));
    return this.times.map((_, index) => {
      const known = each.map((values) => values[index]!).filter((value) => !Number.isNaN(value));
      return known.length > 0 ? Math.max(...known) : NaN;
    });
  }

  /** Seconds. */
  quantiles(name: MetricName, qs: readonly number[]): number[][] {
    return quantiles(this.history, name, qs, quantile_window_s).map((values) => this.#cut(values));
  }

  /** The mean of what a histogram observed within the range; NaN when it observed nothing. */
  mean(name: MetricName): number {
    const of = (suffix: string) => increase(this.history, this.history.columns(name + suffix), this.since_s);
    return of('_sum') / of('_count');
  }

  /** How much a counter grew within the range. */
  increase(name: MetricName, where?: Where): number {
    return increase(this.history, this.history.columns(name, where), this.since_s);
  }

  /** The increase of each value of a label, without those that did not grow; largest first. */
  increases(name: MetricName, label: string): [value: string, increase: number][] {
    const values = new Set(this.history.columns(name).map((column) => column.labels[label] ?? 'other'));
    return [...values]
      .map((value): [string, number] => [value, this.increase(name, (labels) => (labels[label] ?? 'other') === value)])
      .filter(([, grown]) => grown > 0)
      .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  }

  /** The labels of a series that says something by being there. */
  labels(name: MetricName): Labels {
    return this.history.columns(name).at(-1)?.labels ?? {};
  }

  #values(column: Column): number[] {
    return this.#cut(sum(this.history, [column]));
  }

  #cut(values: number[]): number[] {
    return values.slice(this.#first);
  }
}

/** A part of the page. `update` takes new readings; `point` shows the figures of one of them, by its index. */
export interface View {
  readonly element: HTMLElement;
  update(frame: Frame): void;
  point(at: number): void;
}
