/** What was refused, kept back or failed, and how often. */
import { h } from '../dom.ts';
import { count } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { kind_name } from '../kinds.ts';
import { type MetricName, metrics } from '../names.ts';
import { card } from './card.ts';

const most_rows = 5;

interface Entry {
  readonly name: string;
  readonly times: number;
  readonly severe?: boolean;
}

function bar_row(entry: Entry, most: number): HTMLElement {
  const bar = h(entry.severe ? 'span.bar.severe' : 'span.bar', { 'aria-hidden': 'true' });
  bar.style.transform = `scaleX(${(entry.times / most).toFixed(3)})`;
  return h('tr', {}, h('th', { scope: 'row' }, entry.name), h('td', {}, count(entry.times)), h('td.bar-cell', {}, bar));
}

class BarList implements View {
  readonly element: HTMLElement;
  readonly #body = h('tbody');
  readonly #none: HTMLElement;

  constructor(
    title: string,
    note: string,
    none: string,
    private readonly entries: (frame: Frame) => Entry[],
  ) {
    this.#none = h('p.none', {}, none);
    const table = h('table.bars', {}, h('caption.unseen', {}, title), this.#body);
    this.element = card(title, 'quarter', h('p.card-note', {}, note), h('div.bars-room', {}, table, this.#none));
  }

  update(frame: Frame): void {
    const all = this.entries(frame).sort((a, b) => b.times - a.times);
    const shown = all.length > most_rows ? merge_rest(all) : all;
    const most = Math.max(1, ...shown.map((entry) => entry.times));
    const text = JSON.stringify(shown);
    if (this.#body.dataset['shows'] !== text) this.#body.replaceChildren(...shown.map((entry) => bar_row(entry, most)));
    this.#body.dataset['shows'] = text;
    this.#none.hidden = shown.length > 0;
  }

  point(): void {} // totals of the range, whatever is pointed at
}

function merge_rest(all: readonly Entry[]): Entry[] {
  const rest = all.slice(most_rows - 1);
  const times = rest.reduce((total, entry) => total + entry.times, 0);
  return [...all.slice(0, most_rows - 1), { name: 'all others', times, severe: rest.some((entry) => !!entry.severe) }];
}

function by_kind(frame: Frame, name: MetricName, severe: boolean): Entry[] {
  return frame
    .increases(name, 'kind')
    .map(([kind, times]) => ({ name: kind === 'other' ? kind_name(kind) : `${kind_name(kind)} (${kind})`, times, severe }));
}

function rejects(frame: Frame): Entry[] {
  return frame
    .increases(metrics.rejects, 'prefix')
    .filter(([name]) => name !== 'duplicate') // accepted before
    .map(([name, times]) => ({ name, times, severe: name === 'error' }));
}

function failures(frame: Frame): Entry[] {
  const failed = frame.increase(metrics.auth, (labels) => labels['result'] === 'failed');
  const broken = frame.increase(metrics.protocol_errors);
  return [
    ...by_kind(frame, metrics.errors, true),
    { name: 'AUTH that failed', times: failed },
    { name: 'Broken messages', times: broken },
  ].filter((entry) => entry.times > 0);
}

export function refusals(): View[] {
  return [
    new BarList('Rejects', 'answers by prefix', 'Nothing was rejected.', rejects),
    new BarList(
      'Denials',
      'events kept from whom they are not for',
      'Nobody asked for what is not theirs.',
      (frame) => by_kind(frame, metrics.denials, false),
    ),
    new BarList('Errors', 'failures of the relay by kind, and of clients', 'No errors.', failures),
  ];
}
