/** Which relay this is, whether its figures are fresh, and the switches. */
import { choice } from '../choice.ts';
import { h, say } from '../dom.ts';
import { clock } from '../format.ts';
import type { Frame } from '../frame.ts';
import { metrics } from '../names.ts';
import { theme_switch } from '../theme.ts';

const ranges = { '60': '1 min', '300': '5 min', '900': '15 min' } as const;
const first_range = '300';

export type Health = 'live' | 'draining' | 'lost' | 'waiting';
const health_words: Readonly<Record<Health, string>> = {
  live: 'Live',
  draining: 'Not ready',
  lost: 'Unreachable',
  waiting: 'Waiting',
};

export interface HeaderCalls {
  readonly choose_range: (seconds: number) => void;
  readonly forget_token: () => void;
}

export class Header {
  readonly element: HTMLElement;
  readonly #about = h('span.about', {}, location.host);
  readonly #dot = h('span.dot', { 'aria-hidden': 'true' });
  readonly #word = h('span', { id: 'health', role: 'status' }, health_words.waiting);
  readonly #time = h('span.time', { id: 'time' }, '');
  readonly #forget = h('button.quiet', { type: 'button', id: 'forget' }, 'Forget token');
  readonly #ranges: HTMLElement;

  constructor(calls: HeaderCalls) {
    this.#ranges = choice('Time shown', 'range', ranges, first_range, (value) => calls.choose_range(Number(value)));
    this.#forget.addEventListener('click', calls.forget_token);
    const name = h('div.brand', {}, h('h1', {}, 'mls-gateway'), this.#about);
    const state = h('p.state', {}, this.#dot, this.#word, this.#time);
    const controls = h('div.controls', {}, this.#ranges, theme_switch(), this.#forget);
    this.element = h('header', {}, name, state, controls);
  }

  /** `in_use`: there are figures, so that a range and a token make sense. */
  show(health: Health, in_use: boolean): void {
    this.#dot.className = `dot dot-${health}`;
    say(this.#word, health_words[health]);
    this.#ranges.hidden = this.#forget.hidden = this.#time.hidden = !in_use;
    document.title = `${health === 'live' ? '' : `${health_words[health]} · `}mls-gateway dashboard`;
  }

  tell(frame: Frame): void {
    const { version, backend } = frame.labels(metrics.build);
    say(this.#about, [location.host, version && `version ${version}`, backend].filter(Boolean).join(' · '));
  }

  /** `earlier`: somebody points at a reading that is not the newest. */
  point(time_s: number, earlier: boolean): void {
    say(this.#time, clock(time_s));
    this.#time.classList.toggle('earlier', earlier);
  }
}
