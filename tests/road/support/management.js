// Calls of NIP-86 as an operator's client makes them: signed with nostr-tools (NIP-98).
import './webcrypto.js';

import { createHash, randomUUID } from 'node:crypto';

import { getToken } from 'nostr-tools/nip98';

import { now_s, sign } from './event.js';

export const CONTENT_TYPE = 'application/nostr+json+rpc';

export const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** An Authorization header, in which any part can be set to something wrong. */
export function authorization(key, { url, body, method = 'POST', kind = 27235, created_at = now_s(), payload = sha256(body) }) {
  const tags = [['u', url], ['method', method]];
  if (payload) tags.push(['payload', payload]);
  const event = sign(key, { kind, created_at, tags });
  return `Nostr ${Buffer.from(JSON.stringify(event)).toString('base64')}`;
}

/** Posts `body` to "/": {status, headers, reply}. */
export async function post(relay, body, headers = {}) {
  const answer = await fetch(`${relay.http_url}/`, {
    method: 'POST',
    headers: { 'content-type': CONTENT_TYPE, ...headers },
    body,
  });
  return { status: answer.status, headers: answer.headers, reply: await answer.json() };
}

/** Who manages `relay` with `key`. */
export class Operator {
  constructor(relay, key) {
    Object.assign(this, { relay, key });
  }

  /** The whole answer to a call. */
  async ask(method, ...params) {
    const call = { method, params };
    // The same call twice in a second would be one signature, which counts once.
    const unique = ['nonce', randomUUID()];
    const signer = async (template) => sign(this.key, { ...template, tags: [...template.tags, unique] });
    const token = await getToken(this.relay.url, 'POST', signer, true, call);
    return post(this.relay, JSON.stringify(call), { authorization: token });
  }

  /** The result; fails when there is none. */
  async call(method, ...params) {
    const { status, reply } = await this.ask(method, ...params);
    if (status !== 200) throw new Error(`${method}: ${status} ${JSON.stringify(reply)}`);
    return reply.result;
  }

  /** The status and code of a refusal. */
  async refusal(method, ...params) {
    const { status, reply } = await this.ask(method, ...params);
    return [status, reply.code];
  }
}
