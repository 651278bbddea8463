import { h, say } from '../dom.ts';

/** A titled box. `more` are classes. */
export function card(title: string, more: string, ...content: HTMLElement[]): HTMLElement {
  const section = h('section', { 'aria-label': title }, h('h2', {}, title), ...content);
  section.className = `card ${more}`;
  return section;
}

/** A figure with a name, in a list of such. */
export class Stat {
  readonly element: HTMLElement;
  readonly #value = h('dd', {}, '–');

  /** `series`: the number of the line that it belongs to, 0 for none. */
  constructor(name: string, series = 0) {
    const swatch = h('span', { class: `swatch swatch-${series}`, 'aria-hidden': 'true' });
    this.element = h('div.stat', {}, h('dt', {}, ...(series > 0 ? [swatch] : []), name), this.#value);
  }

  say(text: string): void {
    say(this.#value, text);
  }
}

export function stats(...all: Stat[]): HTMLElement {
  return h('dl.stats', {}, ...all.map((stat) => stat.element));
}

/** The big figure of a card, with a word about it below. */
export class Figure {
  readonly element: HTMLElement;
  readonly #value = h('span.figure-value', {}, '–');
  readonly #unit: HTMLElement;
  readonly #note = h('p.figure-note', {}, '\u00a0');

  constructor(unit = '') {
    this.#unit = h('span.figure-unit', {}, unit);
    this.element = h('div.figure', {}, h('p.figure-line', {}, this.#value, this.#unit), this.#note);
  }

  say(value: string, note = ''): void {
    say(this.#value, value);
    say(this.#note, note || '\u00a0');
  }
}
