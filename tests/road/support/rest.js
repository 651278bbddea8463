// The REST API as a client uses it. Whatever it answers is held against openapi.json.
import { randomBytes } from 'node:crypto';

import * as nip98 from 'nostr-tools/nip98';

import { within } from './deadline.js';
import { sign } from './event.js';
import { check_answer } from './openapi.js';

export const SERVICE_TOKEN = 'a-token-for-this-test-alone';
export const PREFIX = '/api/v1/mls';

/** Settings of a relay with the API. */
export const with_api = (gateway = {}, others = {}) => ({
  ...others,
  'extensions.mls_gateway': { enable_api: true, service_tokens: [SERVICE_TOKEN], ...gateway },
});

/** The header that signs a call (NIP-98), made by nostr-tools; `change` may spoil the event before it is signed. */
export function authorization(key, url, method, body, change = (event) => event) {
  const signer = (event) => {
    // Two equal calls in one second are two events.
    const tags = [...event.tags, ['nonce', randomBytes(8).toString('hex')]];
    return sign(key, change({ ...event, tags }));
  };
  return nip98.getToken(url, method.toLowerCase(), signer, true, body);
}

export class Rest {
  /** `as`: a person who signs every call, a service token, or nobody. */
  constructor(relay, as, prefix = PREFIX) {
    Object.assign(this, { relay, as, prefix });
  }

  url(path) {
    return `${this.relay.http_url}${this.prefix}${path}`;
  }

  async #authorization(method, url, body) {
    if (!this.as) return {};
    if (typeof this.as === 'string') return { Authorization: `Bearer ${this.as}` };
    return { Authorization: await authorization(this.as, url, method, body) };
  }

  /** {status, headers, text, body}: `body` is the parsed JSON. `raw`: a body as it is. */
  async call(method, path, { body, raw, headers = {} } = {}) {
    const url = this.url(path);
    const own = await this.#authorization(method, url, body);
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const asked = fetch(url, { method, headers: { ...own, ...headers }, body: sent });
    const answer = await within(asked, `${method} ${path}`);
    const text = await answer.text();
    const result = { status: answer.status, headers: answer.headers, text };
    if (text && method !== 'HEAD') result.body = JSON.parse(text);
    check_answer(method, path, result);
    return result;
  }

  get(path, options) {
    return this.call('GET', path, options);
  }
  post(path, body, options) {
    return this.call('POST', path, { body, ...options });
  }
  put(path, body) {
    return this.call('PUT', path, { body });
  }
  delete(path) {
    return this.call('DELETE', path);
  }

  /** All pages of a list: [...items]; `each(page)` is told of every page. */
  async pages(path, name, each = () => {}) {
    const items = [];
    const first = path.includes('?') ? `${path}&` : `${path}?`;
    for (let cursor = ''; ;) {
      const { status, body, text } = await this.get(`${first}${cursor}`.replace(/[?&]$/, ''));
      if (status !== 200) throw new Error(`${status} ${text}`);
      items.push(...body[name]);
      await each(body);
      if (!body.has_more) return items;
      cursor = `cursor=${body.cursor}`;
    }
  }
}

export const group_path = (h, ...rest) => ['/groups', encodeURIComponent(h), ...rest].join('/');
export const member_path = (h, key) => group_path(h, 'members', key.pubkey ?? key);

/** Answers that must not differ: everything but the time they were given. */
export const plain = ({ status, text, headers }) => [
  status,
  text,
  [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
];
