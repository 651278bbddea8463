/** Who is connected, and what waits. */
import { Chart } from '../chart.ts';
import { count, number, subscriptions } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { metrics } from '../names.ts';
import { latest } from '../series.ts';
import { card, Figure, Stat, stats } from './card.ts';

export class Connections implements View {
  readonly element: HTMLElement;
  readonly #figure = new Figure('open');
  readonly #accepted = new Stat('Opened');
  readonly #refused = new Stat('Turned away');
  readonly #slow = new Stat('Slow readers dropped');
  readonly #chart = new Chart({
    title: 'Open connections',
    lines: [{ colour: '--series-1', filled: true }],
    height: 132,
    format: count,
    least: 4,
  });
  #open: number[] = [];
  #subscriptions: number[] = [];

  constructor() {
    const list = stats(this.#accepted, this.#refused, this.#slow);
    this.element = card('Connections', 'third', this.#figure.element, this.#chart.element, list);
  }

  update(frame: Frame): void {
    this.#open = frame.gauge(metrics.connections);
    this.#subscriptions = frame.gauge(metrics.subscriptions);
    this.#accepted.say(count(frame.increase(metrics.accepted)));
    this.#refused.say(count(frame.increase(metrics.refused)));
    this.#slow.say(count(frame.increase(metrics.slow_readers)));
    this.#chart.draw(frame, [this.#open], count(latest(this.#open)));
  }

  point(at: number): void {
    this.#figure.say(count(this.#open[at] ?? NaN), subscriptions(this.#subscriptions[at] ?? NaN));
  }
}

export class Queues implements View {
  readonly element: HTMLElement;
  readonly #figure = new Figure('events wait to be written');
  readonly #worker = new Stat('Longest queue of a worker', 2);
  readonly #worst = new Stat('Most that waited', 1);
  readonly #group = new Stat('Events per commit');
  readonly #chart = new Chart({
    title: 'Queue depths: the writer, and the busiest worker',
    lines: [{ colour: '--series-2' }, { colour: '--series-1', filled: true }],
    height: 132,
    format: count,
    least: 4,
  });
  #writer: number[] = [];
  #workers: number[] = [];

  constructor() {
    const list = stats(this.#worst, this.#worker, this.#group);
    this.element = card('Queues', 'third', this.#figure.element, this.#chart.element, list);
  }

  update(frame: Frame): void {
    this.#writer = frame.gauge(metrics.writer_queue);
    this.#workers = frame.largest(metrics.worker_queue);
    const known = this.#writer.filter((depth) => !Number.isNaN(depth));
    this.#worst.say(count(known.length > 0 ? Math.max(...known) : NaN));
    this.#group.say(number(frame.mean(metrics.commit_events)));
    this.#chart.draw(frame, [this.#workers, this.#writer], `writer ${count(latest(this.#writer))}`);
  }

  point(at: number): void {
    this.#figure.say(count(this.#writer[at] ?? NaN));
    this.#worker.say(count(this.#workers[at] ?? NaN));
  }
}
