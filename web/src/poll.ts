/** Asks the relay for its metrics, over and over. */
import { NotMetrics, parse, type Scrape } from './parse.ts';

/** What came of one request. */
export type Answer =
  | { readonly is: 'metrics'; readonly scrape: Scrape }
  | { readonly is: 'refused' } // the token is wrong, or there is none
  | { readonly is: 'off' } // the relay has no metrics
  | { readonly is: 'unreachable' }
  | { readonly is: 'strange'; readonly why: string };

export const poll_interval_ms = 2000;
const patience_ms = 5000;

/** What a header can carry: typographic quotes, say, make fetch() fail as if nobody answered. */
const sendable = /^[\x21-\x7e]*$/;

export async function ask(token: string): Promise<Answer> {
  if (!sendable.test(token)) return { is: 'refused' };
  const headers: HeadersInit = token ? { Authorization: `Bearer ${token}` } : {};
  try {
    const signal = AbortSignal.timeout(patience_ms);
    const response = await fetch('/metrics', { headers, signal, cache: 'no-store', redirect: 'error' });
    return await understand(response);
  } catch (error) {
    if (error instanceof NotMetrics) return { is: 'strange', why: error.message };
    return { is: 'unreachable' };
  }
}

async function understand(response: Response): Promise<Answer> {
  if (response.ok) return { is: 'metrics', scrape: parse(await response.text()) };
  if (response.status === 401 || response.status === 403) return { is: 'refused' };
  if (response.status === 404) return { is: 'off' };
  if (response.status === 502 || response.status === 504) return { is: 'unreachable' };
  return { is: 'strange', why: `status ${response.status}` };
}

/** Calls `heard` with every answer until stopped; a slow answer delays the next question. */
export class Poller {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round = 0;

  constructor(private readonly heard: (answer: Answer) => void) {}

  start(token: string): void {
    this.stop();
    void this.#ask(token, this.#round);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#round += 1;
  }

  async #ask(token: string, round: number): Promise<void> {
    const began = performance.now();
    const answer = await ask(token);
    if (round !== this.#round) return;
    const rest = poll_interval_ms - (performance.now() - began);
    this.#timer = setTimeout(() => void this.#ask(token, round), Math.max(rest, 250));
    this.heard(answer);
  }
}
