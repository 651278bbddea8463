/** All figures, drawn from one history. */
import { pointed } from '../chart.ts';
import { h, say } from '../dom.ts';
import { Frame, type View } from '../frame.ts';
import type { History } from '../series.ts';
import { Gateway } from './gateway.ts';
import { latencies } from './latency.ts';
import { Connections, Queues } from './load.ts';
import { Process } from './process.ts';
import { refusals } from './refusals.ts';
import { Store } from './store.ts';
import { tiles } from './tiles.ts';
import { Traffic } from './traffic.ts';

export class Board {
  readonly element: HTMLElement;
  readonly #notice = h('p.notice', { role: 'alert', id: 'notice' });
  readonly #views: readonly View[];
  #frame: Frame | undefined;
  #at: number | undefined;

  constructor(private readonly tell_time: (time_s: number, earlier: boolean) => void) {
    this.#views = [
      ...tiles(),
      new Traffic(),
      ...latencies(),
      new Connections(),
      new Queues(),
      new Store(),
      new Gateway(),
      ...refusals(),
      new Process(),
    ];
    const grid = h('div.grid', {}, ...this.#views.map((view) => view.element));
    this.element = h('div.board', {}, grid, this.#notice);
    this.notice('');
    document.addEventListener(pointed, (event) => this.#point((event as CustomEvent<number | undefined>).detail));
  }

  draw(history: History, range_s: number): Frame {
    const frame = new Frame(history, range_s);
    this.#frame = frame;
    for (const view of this.#views) view.update(frame);
    this.#show();
    return frame;
  }

  /** Something to know while older figures stay: empty for nothing. */
  notice(text: string): void {
    say(this.#notice, text);
    this.#notice.hidden = text === '';
    this.element.classList.toggle('stale', text !== '');
  }

  #point(at: number | undefined): void {
    if (at === this.#at) return;
    this.#at = at;
    this.#show();
  }

  #show(): void {
    if (!this.#frame) return;
    const newest = this.#frame.times.length - 1;
    const at = Math.min(this.#at ?? newest, newest);
    for (const view of this.#views) view.point(at);
    this.tell_time(this.#frame.times[at] ?? NaN, at !== newest);
  }
}
