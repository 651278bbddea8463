/** Accepted events by kind: stacked lines, and the same figures as a table. */
import { Chart } from '../chart.ts';
import { h, say } from '../dom.ts';
import { count, number, per_second } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { kind_name } from '../kinds.ts';
import { metrics } from '../names.ts';
import type { Labels } from '../parse.ts';
import { latest } from '../series.ts';
import { card } from './card.ts';

const places = 5; // and one for all other kinds

interface Row {
  readonly element: HTMLElement;
  readonly name: HTMLElement;
  readonly kind: HTMLElement;
  readonly rate: HTMLElement;
  readonly total: HTMLElement;
}

function row(place: number): Row {
  const name = h('span.kind-name', {}, '\u00a0');
  const kind = h('span.kind-number');
  const rate = h('td');
  const total = h('td');
  const swatch = h('span', { 'aria-hidden': 'true' });
  swatch.className = `swatch swatch-${place + 1}`;
  const element = h('tr', {}, h('th', { scope: 'row' }, swatch, name, kind), rate, total);
  return { element, name, kind, rate, total };
}

export class Traffic implements View {
  readonly element: HTMLElement;
  readonly #rows = Array.from({ length: places + 1 }, (_, place) => row(place));
  readonly #kinds: (string | undefined)[] = new Array<undefined>(places).fill(undefined);
  readonly #chart = new Chart({
    title: 'Events accepted per second, by kind',
    lines: this.#rows.map((_, place) => ({ colour: `--series-${place + 1}`, filled: true })),
    height: 264,
    format: number,
    least: 0.4,
    stacked: true,
  });
  #rates: number[][] = [];

  constructor() {
    const column = (text: string) => h('th', { scope: 'col' }, text);
    const head = h('tr', {}, column('Kind'), column('Now'), column('Total'));
    const body = h('tbody', {}, ...this.#rows.map((each) => each.element));
    const table = h('table.kinds', {}, h('caption.unseen', {}, 'Events accepted by kind'), h('thead', {}, head), body);
    this.element = card('Events by kind', 'wide', h('div.chart-and-table', {}, this.#chart.element, table));
  }

  update(frame: Frame): void {
    this.#place(frame);
    const filters = [...this.#kinds.map((kind) => is_kind(kind)), this.#is_rest];
    this.#rates = filters.map((filter) => frame.rate(metrics.events, filter));
    for (const [place, each] of this.#rows.entries()) {
      const kind = place < places ? this.#kinds[place] : 'other';
      say(each.name, kind === undefined ? '–' : kind_name(kind));
      say(each.kind, kind === undefined || kind === 'other' ? '' : kind);
      each.element.classList.toggle('vacant', kind === undefined);
      say(each.total, kind === undefined ? '' : count(frame.increase(metrics.events, filters[place])));
    }
    const now = per_second(latest(frame.rate(metrics.events)));
    this.#chart.draw(frame, this.#rates, `${now} in all`);
  }

  point(at: number): void {
    for (const [place, each] of this.#rows.entries()) {
      const vacant = place < places && this.#kinds[place] === undefined;
      say(each.rate, vacant ? '' : per_second(this.#rates[place]?.[at] ?? NaN));
    }
  }

  /** The busiest kinds have a place and so a colour each; who is among them stays where it is. */
  #place(frame: Frame): void {
    const busiest = frame
      .increases(metrics.events, 'kind')
      .map(([kind]) => kind)
      .filter((kind) => kind !== 'other')
      .slice(0, places);
    for (const kind of busiest.filter((each) => !this.#kinds.includes(each))) {
      const vacant = this.#kinds.indexOf(undefined);
      const place = vacant >= 0 ? vacant : this.#kinds.findIndex((each) => !busiest.includes(each!));
      this.#kinds[place] = kind;
    }
  }

  readonly #is_rest = (labels: Labels): boolean => !this.#kinds.includes(labels['kind'] ?? 'other');
}

function is_kind(kind: string | undefined): (labels: Labels) => boolean {
  return (labels) => kind !== undefined && labels['kind'] === kind;
}
