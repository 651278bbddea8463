/** The four figures to look at first. */
import { h, say } from '../dom.ts';
import { count, number, percent, subscriptions } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { metrics } from '../names.ts';
import { latest } from '../series.ts';
import { Sparkline } from '../sparkline.ts';

interface TileOptions {
  readonly title: string;
  readonly unit: string;
  readonly id: string;
  readonly values: (frame: Frame) => number[];
  readonly format: (value: number) => string;
  readonly note: (frame: Frame) => string;
}

class Tile implements View {
  readonly element: HTMLElement;
  readonly #value: HTMLElement;
  readonly #note = h('p.tile-note', {}, '\u00a0');
  readonly #spark = new Sparkline();
  #values: number[] = [];

  constructor(private readonly options: TileOptions) {
    this.#value = h('span.tile-value', { id: options.id }, '–');
    this.element = h(
      'section.card.tile',
      { 'aria-label': options.title },
      h('h2', {}, options.title),
      h('p.tile-line', {}, this.#value, h('span.tile-unit', {}, options.unit)),
      this.#note,
      this.#spark.element as unknown as HTMLElement,
    );
  }

  update(frame: Frame): void {
    this.#values = this.options.values(frame);
    this.#spark.draw(frame.times, this.#values, frame.since_s, frame.now_s);
    say(this.#note, this.options.note(frame) || '\u00a0');
  }

  point(at: number): void {
    say(this.#value, this.options.format(this.#values[at] ?? NaN));
  }
}

/** Refused by a rule or failed by the relay, per minute. */
function troubles(frame: Frame): number[] {
  return frame.rate(metrics.rejects, (labels) => labels['prefix'] !== 'duplicate').map((rate) => rate * 60);
}

function refused_note(frame: Frame): string {
  const failed = frame.increase(metrics.rejects, (labels) => labels['prefix'] === 'error');
  return failed > 0 ? `${count(failed)} by errors` : 'none by errors';
}

function delivered_note(frame: Frame): string {
  const all = frame.increase(metrics.deliveries);
  const live = frame.increase(metrics.deliveries, (labels) => labels['source'] === 'live');
  return all > 0 ? `${percent(live / all)} of it live` : 'nothing was asked for';
}

export function tiles(): View[] {
  return [
    new Tile({
      title: 'Events accepted',
      unit: '/s',
      id: 'events',
      values: (frame) => frame.rate(metrics.events),
      format: number,
      note: (frame) => `${count(frame.increase(metrics.events))} in ${frame.range_words}`,
    }),
    new Tile({
      title: 'Events delivered',
      unit: '/s',
      id: 'deliveries',
      values: (frame) => frame.rate(metrics.deliveries),
      format: number,
      note: delivered_note,
    }),
    new Tile({
      title: 'Connections',
      unit: 'open',
      id: 'connections',
      values: (frame) => frame.gauge(metrics.connections),
      format: count,
      note: (frame) => subscriptions(latest(frame.gauge(metrics.subscriptions))),
    }),
    new Tile({
      title: 'Refused',
      unit: '/min',
      id: 'refused',
      values: troubles,
      format: number,
      note: refused_note,
    }),
  ];
}
