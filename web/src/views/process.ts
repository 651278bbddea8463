/** The process itself, in one line. */
import { bytes, count, percent, span } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { metrics } from '../names.ts';
import { latest } from '../series.ts';
import { card, Stat, stats } from './card.ts';

export class Process implements View {
  readonly element: HTMLElement;
  readonly #up = new Stat('Running for');
  readonly #cpu = new Stat('Processor, of one core');
  readonly #memory = new Stat('Memory');
  readonly #files = new Stat('Open files');
  #cpu_at: number[] = [];
  #memory_at: number[] = [];

  constructor() {
    const list = stats(this.#up, this.#cpu, this.#memory, this.#files);
    list.classList.add('in-a-row');
    this.element = card('Process', 'wide', list);
  }

  update(frame: Frame): void {
    this.#cpu_at = frame.rate(metrics.cpu);
    this.#memory_at = frame.gauge(metrics.memory);
    const started = latest(frame.gauge(metrics.started));
    const most = latest(frame.gauge(metrics.most_files));
    this.#up.say(span(Math.max(0, frame.now_s - started)));
    const open = count(latest(frame.gauge(metrics.open_files)));
    this.#files.say(Number.isNaN(most) ? open : `${open} of ${count(most)}`);
  }

  point(at: number): void {
    this.#cpu.say(percent(this.#cpu_at[at] ?? NaN));
    this.#memory.say(bytes(this.#memory_at[at] ?? NaN));
  }
}
