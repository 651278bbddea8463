/** Lines over time: uPlot in the colours of the page, with one cursor for all charts. */
import uPlot from 'uplot';

import { h } from './dom.ts';
import { clock } from './format.ts';
import type { Frame } from './frame.ts';

export interface Line {
  readonly colour: string; // a custom property of the page: "--series-1"
  readonly filled?: boolean;
}

export interface ChartOptions {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly height: number;
  readonly format: (value: number) => string;
  readonly least: number; // the top of the scale at least, so that small figures look small
  readonly stacked?: boolean;
}

/** Fired on the document when the colours are other ones, and with the index of the reading that is pointed at. */
export const theme_changed = 'themechanged';
export const pointed = 'pointed';

const axis_width = 58;

/** What a custom property is in the theme of now: canvases take no var(). */
function colour(name: string): string {
  const probe = document.body.appendChild(h('i'));
  probe.style.color = `var(${name})`;
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/** The first of 2, 4, 6, 8, 10, 20, … at or above: its half and its quarters are short to write. */
function round_up(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [2, 4, 6, 8, 10].find((step) => step * power >= value * 0.999)! * power;
}

/** Each line on top of the ones before; unknown only where all are. */
function stack(series: readonly number[][]): number[][] {
  const height: number[] = [];
  return series.map((values) =>
    values.map((value, index) => {
      if (!Number.isNaN(value)) height[index] = (height[index] ?? 0) + value;
      return height[index] ?? NaN;
    }),
  );
}

function parts(many: number, high: number): number[] {
  return Array.from({ length: many + 1 }, (_, part) => (high * part) / many);
}

/** "6.0 ms" -> "6 ms" */
function without_zeros(figure: string): string {
  return figure.replace(/\.0(?!\d)/, '');
}

/** Whole minutes or quarters of them, as many as have room and none at the edges, where labels would be cut. */
function round_times(frame: Frame, width: number): number[] {
  const per_pixel = frame.range_s / width;
  const step = [15, 30, 60, 120, 300].find((seconds) => seconds / per_pixel >= 64) ?? 600;
  const margin = 26 * per_pixel;
  const times: number[] = [];
  for (let at = Math.ceil(frame.since_s / step) * step; at <= frame.now_s; at += step)
    if (at - frame.since_s >= margin && frame.now_s - at >= margin) times.push(at);
  return times;
}

function nulls_for_unknown(values: readonly number[]): (number | null)[] {
  return values.map((value) => (Number.isNaN(value) ? null : value));
}

export class Chart {
  readonly element: HTMLElement;
  readonly #options: ChartOptions;
  #plot: uPlot | undefined;
  #frame: Frame | undefined;
  #series: readonly number[][] = [];

  constructor(options: ChartOptions) {
    this.#options = options;
    this.element = h('div.chart', { role: 'img', tabindex: '0' });
    this.element.style.height = `${options.height}px`;
    this.element.addEventListener('keydown', (event) => this.#step(event));
    this.element.addEventListener('blur', () => this.#plot?.setCursor({ left: -10, top: -10 }));
    new ResizeObserver(() => this.#fit()).observe(this.element);
    document.addEventListener(theme_changed, () => this.#rebuild());
  }

  draw(frame: Frame, series: readonly number[][], summary: string): void {
    this.#frame = frame;
    this.#series = this.#options.stacked ? stack(series) : series;
    this.element.setAttribute('aria-label', `${this.#options.title}, ${summary}. Arrow keys read earlier figures.`);
    if (this.#plot) this.#plot.setData(this.#data());
    else this.#rebuild();
  }

  /** Drawn from the back: of stacked lines the highest first. */
  #data(): uPlot.AlignedData {
    const series = this.#options.stacked ? this.#series.toReversed() : this.#series;
    return [this.#frame!.times, ...series.map(nulls_for_unknown)] as uPlot.AlignedData;
  }

  #rebuild(): void {
    if (!this.#frame || this.element.clientWidth === 0) return;
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#plot_options(), this.#data(), this.element);
  }

  #fit(): void {
    const { clientWidth: width } = this.element;
    if (!this.#plot) this.#rebuild();
    else if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#options.height });
  }

  #plot_options(): uPlot.Options {
    const lines = this.#options.stacked ? this.#options.lines.toReversed() : this.#options.lines;
    return {
      width: this.element.clientWidth,
      height: this.#options.height,
      padding: [8, 6, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        sync: { key: 'dashboard' },
      },
      scales: {
        x: { time: true, range: () => [this.#frame!.since_s, this.#frame!.now_s] },
        y: { range: (_plot, _low, high) => [0, round_up(Math.max(high ?? 0, this.#options.least))] },
      },
      series: [{}, ...lines.map((line) => this.#line(line))],
      axes: [this.#time_axis(), this.#value_axis()],
      hooks: { setCursor: [(plot) => this.#tell(plot)], drawAxes: [(plot) => this.#mark_restarts(plot)] },
    };
  }

  #line(line: Line): uPlot.Series {
    const stroke = colour(line.colour);
    const filled = line.filled ? { fill: colour(`${line.colour}-fill`) } : {};
    return { stroke, width: 1.75, points: { show: false }, ...filled };
  }

  #time_axis(): uPlot.Axis {
    return {
      ...this.#axis(),
      size: 24,
      grid: { show: false },
      splits: (plot) => round_times(this.#frame!, plot.width - axis_width),
      values: (_plot, splits) => splits.map((at) => clock(at).slice(0, splits.some((each) => each % 60) ? 8 : 5)),
    };
  }

  #value_axis(): uPlot.Axis {
    return {
      ...this.#axis(),
      size: axis_width,
      gap: 8,
      splits: (_plot, _axis, _low, high) => parts(this.#options.height > 200 ? 4 : 2, high),
      grid: { stroke: colour('--grid'), width: 1 },
      values: (_plot, splits) => splits.map((value) => without_zeros(this.#options.format(value))),
    };
  }

  #axis(): uPlot.Axis {
    return { stroke: colour('--muted'), font: `11px ${getComputedStyle(document.body).fontFamily}`, ticks: { show: false } };
  }

  #mark_restarts(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = colour('--muted');
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const restart of this.#frame!.history.restarts) {
      if (restart < this.#frame!.since_s) continue;
      const x = plot.valToPos(restart, 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  #tell(plot: uPlot): void {
    const detail = plot.cursor.idx ?? undefined;
    document.dispatchEvent(new CustomEvent(pointed, { detail }));
  }

  #step(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !this.#plot || !this.#frame) return;
    event.preventDefault();
    const last = this.#frame.times.length - 1;
    const index = Math.min(last, Math.max(0, (this.#plot.cursor.idx ?? last) + step));
    this.#plot.setCursor({ left: this.#plot.valToPos(this.#frame.times[index]!, 'x'), top: 10 });
  }
}
