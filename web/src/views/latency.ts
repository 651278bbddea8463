/** How long something takes: the median and what 95 of 100 stay below. */
import { Chart } from '../chart.ts';
import { h, say } from '../dom.ts';
import { duration } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { type MetricName, metrics } from '../names.ts';
import { latest } from '../series.ts';
import { card } from './card.ts';

class Latency implements View {
  readonly element: HTMLElement;
  readonly #p50 = h('dd', {}, '–');
  readonly #p95 = h('dd', {}, '–');
  readonly #chart: Chart;
  #values: number[][] = [[], []];

  constructor(
    title: string,
    note: string,
    private readonly metric: MetricName,
  ) {
    this.#chart = new Chart({
      title,
      lines: [{ colour: '--series-2' }, { colour: '--series-1' }],
      height: 132,
      format: duration,
      least: 0.002,
    });
    const pair = (name: string, swatch: string, value: HTMLElement) =>
      h('div', {}, h('dt', {}, h('span', { class: `swatch ${swatch}`, 'aria-hidden': 'true' }), name), value);
    const figures = h('dl.pair', {}, pair('p95', 'swatch-1', this.#p95), pair('p50', 'swatch-2', this.#p50));
    this.element = card(title, 'third', h('p.card-note', {}, note), figures, this.#chart.element);
  }

  update(frame: Frame): void {
    this.#values = frame.quantiles(this.metric, [0.5, 0.95]);
    const [p50, p95] = this.#values.map((values) => duration(latest(values)));
    this.#chart.draw(frame, this.#values, `p50 ${p50}, p95 ${p95}`);
  }

  point(at: number): void {
    say(this.#p50, duration(this.#values[0]![at] ?? NaN));
    say(this.#p95, duration(this.#values[1]![at] ?? NaN));
  }
}

export function latencies(): View[] {
  return [
    new Latency('Publish latency', 'EVENT read to OK', metrics.publish),
    new Latency('Query latency', 'REQ to EOSE', metrics.query),
    new Latency('Commit latency', 'one group of events', metrics.commit),
  ];
}
