/** Groups and key packages: how many there are, and what changed. */
import { h, say } from '../dom.ts';
import { count } from '../format.ts';
import type { Frame, View } from '../frame.ts';
import { metrics } from '../names.ts';
import { card, Stat, stats } from './card.ts';

export class Gateway implements View {
  readonly element: HTMLElement;
  readonly #groups = h('dd', { id: 'groups' }, '–');
  readonly #packages = h('dd', { id: 'key-packages' }, '–');
  readonly #title = h('h3');
  readonly #updated = new Stat('Groups updated');
  readonly #members = new Stat('Members added or removed');
  readonly #stored = new Stat('Key packages stored');
  #groups_at: number[] = [];
  #packages_at: number[] = [];

  constructor() {
    const pair = (name: string, value: HTMLElement) => h('div', {}, h('dt', {}, name), value);
    const totals = h('dl.pair', {}, pair('Groups', this.#groups), pair('Key packages', this.#packages));
    const list = stats(this.#updated, this.#members, this.#stored);
    this.element = card('MLS gateway', 'quarter', totals, this.#title, list);
  }

  update(frame: Frame): void {
    this.#groups_at = frame.gauge(metrics.groups);
    this.#packages_at = frame.gauge(metrics.key_packages);
    say(this.#title, `In ${frame.range_words}`);
    this.#updated.say(count(frame.increase(metrics.groups_updated)));
    this.#members.say(count(frame.increase(metrics.memberships_updated)));
    this.#stored.say(count(frame.increase(metrics.key_packages_stored)));
  }

  point(at: number): void {
    say(this.#groups, count(this.#groups_at[at] ?? NaN));
    say(this.#packages, count(this.#packages_at[at] ?? NaN));
  }
}
