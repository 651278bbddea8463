import 'uplot/dist/uPlot.min.css';
import './style/page.css';
import './style/cards.css';
import './style/tables.css';
import './style/gate.css';

import { h } from './dom.ts';
import type { Frame } from './frame.ts';
import { metrics } from './names.ts';
import { type Answer, Poller, poll_interval_ms } from './poll.ts';
import { History, latest } from './series.ts';
import { Board } from './views/board.ts';
import { Gate, type Reason } from './views/gate.ts';
import { Header } from './views/header.ts';

const kept_s = 15 * 60;
const token_kept_as = 'mls-gateway-token';


class Dashboard {
  readonly #gate = new Gate((token) => this.#use(token));
  readonly #header = new Header({
    choose_range: (seconds) => this.#choose_range(seconds),
    forget_token: () => this.#use(''),
  });
  readonly #board = new Board((time_s, earlier) => this.#header.point(time_s, earlier));
  readonly #main = h('main', {}, this.#gate.element);
  readonly #poller = new Poller((answer) => this.#hear(answer));
  #history = new_history();
  #range_s = 300;

  constructor(page: HTMLElement) {
    page.append(this.#header.element, this.#main);
    this.#ask_why('connecting');
    this.#poller.start(this.#token);
  }

  get #token(): string {
    return sessionStorage.getItem(token_kept_as) ?? '';
  }

  #use(token: string): void {
    if (token) sessionStorage.setItem(token_kept_as, token);
    else sessionStorage.removeItem(token_kept_as);
    this.#history = new_history();
    this.#ask_why(token ? 'connecting' : 'token');
    this.#poller.start(token);
  }

  #choose_range(seconds: number): void {
    this.#range_s = seconds;
    if (this.#history.length > 0) this.#board.draw(this.#history, seconds);
  }

  #hear(answer: Answer): void {
    if (answer.is === 'metrics') {
      this.#history.add(this.#reading_time(), answer.scrape);
      this.#show_board();
    } else if (answer.is === 'refused') {
      this.#refused();
    } else if (answer.is === 'off') {
      this.#ask_why('off');
    } else {
      this.#lost(answer.is, answer.is === 'strange' ? answer.why : '');
    }
  }

  /** Seconds. Readings are in order: a clock that is set back begins a new history. */
  #reading_time(): number {
    const now_s = Date.now() / 1000;
    if (now_s <= this.#history.time(this.#history.length - 1)) this.#history = new_history();
    return now_s;
  }

  #refused(): void {
    this.#poller.stop();
    this.#ask_why(this.#token ? 'wrong' : 'token');
    sessionStorage.removeItem(token_kept_as);
  }

  #show_board(): void {
    this.#put(this.#board.element);
    this.#board.notice('');
    const frame: Frame = this.#board.draw(this.#history, this.#range_s);
    const ready = latest(frame.gauge(metrics.ready)) !== 0;
    this.#header.tell(frame);
    this.#header.show(ready ? 'live' : 'draining', true);
  }

  /** Figures that are there stay, and are said to be old ones. */
  #lost(reason: 'unreachable' | 'strange', detail: string): void {
    if (this.#history.length === 0) return this.#ask_why(reason, detail);
    this.#history.add_gap(this.#reading_time());
    this.#board.draw(this.#history, this.#range_s);
    const why = reason === 'strange' ? `The relay’s answer was not metrics (${detail}).` : 'The relay cannot be reached.';
    this.#board.notice(`${why} It is asked again every 2 seconds; the figures go on when it answers.`);
    this.#header.show('lost', true);
  }

  #ask_why(reason: Reason, detail = ''): void {
    this.#put(this.#gate.element);
    this.#gate.show(reason, detail);
    this.#header.show(reason === 'unreachable' || reason === 'strange' ? 'lost' : 'waiting', false);
  }

  #put(element: HTMLElement): void {
    if (this.#main.firstChild !== element) this.#main.replaceChildren(element);
  }
}

function new_history(): History {
  return new History(Math.ceil((kept_s * 1000) / poll_interval_ms) + 16);
}

new Dashboard(document.body);
