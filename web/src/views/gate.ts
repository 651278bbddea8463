/** What stands in the place of the figures while there are none, and says why. */
import { h, say } from '../dom.ts';

export type Reason = 'connecting' | 'token' | 'wrong' | 'off' | 'unreachable' | 'strange';

const titles: Readonly<Record<Reason, string>> = {
  connecting: 'Connecting …',
  token: 'Enter the metrics token',
  wrong: 'This token is not accepted',
  off: 'Metrics are not switched on',
  unreachable: 'The relay cannot be reached',
  strange: 'The answer is not what was expected',
};

const explanations: Readonly<Record<Reason, string>> = {
  connecting: 'Asking the relay for its metrics.',
  token: 'The dashboard reads the relay’s metrics with the token of its configuration, [metrics] token.',
  wrong: 'Compare it with [metrics] token in the relay’s configuration, and try again.',
  off: 'Give the relay a token in its configuration. This page goes on by itself once that is done.',
  unreachable: 'Nothing answers at this address. It is asked again every 2 seconds.',
  strange: 'Something between this page and the relay may have answered in its place.',
};

const example = '[metrics]\ntoken = "…"   # openssl rand -hex 16';

export class Gate {
  readonly element: HTMLElement;
  readonly #title = h('h2', { id: 'gate-title' });
  readonly #text = h('p', { id: 'gate-text' });
  readonly #example = h('pre', {}, example);
  readonly #input = h('input', {
    type: 'password',
    id: 'token',
    autocomplete: 'off',
    spellcheck: 'false',
    required: '',
    'aria-describedby': 'token-note',
  });
  readonly #form: HTMLFormElement;
  #reason: Reason | undefined;

  constructor(give_token: (token: string) => void) {
    const label = h('label', { for: 'token' }, 'Token');
    const button = h('button.main', { type: 'submit' }, 'Show the dashboard');
    const note = h('p.note', { id: 'token-note' }, 'Kept in this tab until it is closed, and sent to this relay alone.');
    this.#form = h('form', {}, label, this.#input, button, note);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      give_token(this.#input.value.trim());
      this.#input.value = '';
    });
    const words = h('div', { role: 'alert' }, this.#title, this.#text);
    this.element = h('div.card.gate', {}, words, this.#example, this.#form);
  }

  /** `detail` follows the explanation. */
  show(reason: Reason, detail = ''): void {
    const asks = reason === 'token' || reason === 'wrong';
    say(this.#title, titles[reason]);
    say(this.#text, detail ? `${explanations[reason]} (${detail})` : explanations[reason]);
    this.element.classList.toggle('bad', reason !== 'connecting' && reason !== 'token');
    this.#example.hidden = reason !== 'off';
    this.#form.hidden = !asks;
    this.#input.setAttribute('aria-invalid', String(reason === 'wrong'));
    if (asks && reason !== this.#reason) this.#input.focus();
    this.#reason = reason;
  }
}
