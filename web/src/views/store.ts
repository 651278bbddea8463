/** How full the store is, and how fast it fills. */
import { Chart } from '../chart.ts';
import { h } from '../dom.ts';
import { bytes, count, percent, span } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { metrics } from '../names.ts';
import { latest } from '../series.ts';
import { card, Figure, Stat, stats } from './card.ts';

const nearly_full = 0.8; // from here on the bar warns

/** Seconds until `room` is used up at the pace of the range; NaN when it does not fill. */
function time_left(bytes_at: readonly number[], times: readonly number[], room: number): number {
  const first = bytes_at.findIndex((value) => !Number.isNaN(value));
  const last = bytes_at.findLastIndex((value) => !Number.isNaN(value));
  if (first < 0 || times[last]! - times[first]! < 60) return NaN;
  const pace = (bytes_at[last]! - bytes_at[first]!) / (times[last]! - times[first]!);
  return pace > 0 ? room / pace : NaN;
}

export class Store implements View {
  readonly element: HTMLElement;
  readonly #figure = new Figure();
  readonly #bar = h('span.meter-bar');
  readonly #meter = h(
    'div.meter',
    { role: 'meter', 'aria-label': 'Store used', 'aria-valuemin': '0', 'aria-valuemax': '100' },
    this.#bar,
  );
  readonly #events = new Stat('Events kept');
  readonly #growth = new Stat('Growth');
  readonly #left = new Stat('Full at this pace in');
  readonly #chart = new Chart({
    title: 'Size of the store',
    lines: [{ colour: '--series-1', filled: true }],
    height: 92,
    format: bytes,
    least: 1e6,
  });
  #bytes: number[] = [];
  #capacity: number[] = [];
  #kept: number[] = [];

  constructor() {
    const list = stats(this.#events, this.#growth, this.#left);
    this.element = card('Store', 'third', this.#figure.element, this.#meter, this.#chart.element, list);
  }

  update(frame: Frame): void {
    this.#bytes = frame.gauge(metrics.store_bytes);
    this.#capacity = frame.gauge(metrics.store_capacity);
    this.#kept = frame.gauge(metrics.store_events);
    const known = this.#bytes.filter((value) => !Number.isNaN(value));
    const room = latest(this.#capacity) - latest(this.#bytes);
    const left = time_left(this.#bytes, frame.times, room);
    this.#growth.say(bytes(latest(known) - (known[0] ?? NaN)));
    this.#chart.draw(frame, [this.#bytes], bytes(latest(this.#bytes)));
    this.#left.say(left > 10 * 365 * 86_400 ? 'years' : span(left));
  }

  point(at: number): void {
    const used = this.#bytes[at] ?? NaN;
    const capacity = this.#capacity[at] ?? NaN;
    const part = capacity > 0 ? used / capacity : NaN;
    const unbounded = Number.isNaN(used) ? '' : 'no fixed capacity';
    this.#figure.say(bytes(used), capacity > 0 ? `${percent(part)} of ${bytes(capacity)}` : unbounded);
    this.#events.say(count(this.#kept[at] ?? NaN));
    this.#fill(Number.isNaN(part) ? 0 : Math.min(1, part));
  }

  #fill(part: number): void {
    this.#bar.style.transform = `scaleX(${part.toFixed(4)})`;
    this.#meter.classList.toggle('meter-full', part >= nearly_full);
    this.#meter.setAttribute('aria-valuenow', (part * 100).toFixed(0));
    this.#meter.setAttribute('aria-valuetext', percent(part));
  }
}
