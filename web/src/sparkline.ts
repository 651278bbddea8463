/** A line without axes: the shape of the last minutes beside a figure. */
import { svg } from './dom.ts';

const width = 120;
const height = 36;

export class Sparkline {
  readonly element: SVGElement;
  readonly #line = svg('path', { class: 'spark-line' });
  readonly #area = svg('path', { class: 'spark-area' });

  constructor() {
    const box = `0 0 ${width} ${height}`;
    this.element = svg(
      'svg',
      { class: 'spark', viewBox: box, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      this.#area,
      this.#line,
    );
  }

  /** `times` and `since_s`..`now_s` place the values; what is not known leaves a gap. */
  draw(times: readonly number[], values: readonly number[], since_s: number, now_s: number): void {
    const most = Math.max(...values.filter((value) => !Number.isNaN(value)), 1e-9);
    const place = (index: number) => {
      const x = ((times[index]! - since_s) / (now_s - since_s)) * width;
      const y = height - 2 - (values[index]! / most) * (height - 6);
      return `${x.toFixed(1)} ${y.toFixed(1)}`;
    };
    const runs = known_runs(values).map((run) => run.map(place));
    this.#line.setAttribute('d', runs.map((run) => `M${run.join('L')}`).join(''));
    this.#area.setAttribute('d', runs.map((run) => under(run)).join(''));
  }
}

function under(run: readonly string[]): string {
  const x = (place: string) => place.split(' ')[0]!;
  return `M${x(run[0]!)} ${height}L${run.join('L')}L${x(run.at(-1)!)} ${height}Z`;
}

/** The indices of neighbouring known values. */
function known_runs(values: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const run = runs.at(-1);
    if (run && run.at(-1) === index - 1) run.push(index);
    else runs.push([index]);
  }
  return runs;
}
