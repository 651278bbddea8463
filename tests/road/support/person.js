// Somebody with a Nostr account who talks MLS over Nostr, in the gateway's dialect or in Marmot's.
import './webcrypto.js';
import { randomBytes } from 'node:crypto';

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import * as nip44 from 'nostr-tools/nip44';
import { createRumor, createSeal, unwrapEvent } from 'nostr-tools/nip59';

import { NostrKey, now_s, sign, sign_once } from './event.js';
import { Group, SUITE, new_key_package } from './mls.js';

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const from_base64 = (text) => new Uint8Array(Buffer.from(text, 'base64'));

/** A routing id as Marmot makes it; the gateway's dialect takes any text, this one too. */
export const new_group_id = () => randomBytes(32).toString('hex');

/** created_at of seals and wraps lies up to two days back (NIP-59). */
const some_time_ago = () => now_s() - Math.floor(Math.random() * 2 * 86_400);

/** Seals `rumor` and wraps the seal under a one-time key; `tags` follow the recipient's `p`. */
export function gift_wrap(sender, recipient, rumor, tags = []) {
  const seal = createSeal(createRumor(rumor, sender.secret), sender.secret, recipient);
  const once = new NostrKey();
  const content = nip44.encrypt(
    JSON.stringify(seal),
    nip44.getConversationKey(once.secret, recipient),
  );
  return sign(once, {
    kind: 1059,
    created_at: some_time_ago(),
    tags: [['p', recipient], ...tags],
    content,
  });
}

/** The tags that make a wrap an invitation in the gateway's dialect. */
export const invitation_tags = (h) => [
  ['h', h],
  ['v', 'gift.1'],
];

/** A Welcome inside seal and wrap. `invitation`: {welcome, key_package_id, h}; without `h` Marmot's dialect. */
export function wrapped_welcome(sender, recipient, { welcome, key_package_id, h }) {
  const rumor = {
    kind: 444,
    tags: [
      ['e', key_package_id],
      ['relays', 'wss://relay.example'],
      ['encoding', 'base64'],
    ],
    content: base64(welcome),
  };
  return gift_wrap(sender, recipient, rumor, h === undefined ? [] : invitation_tags(h));
}

/** A 445 that says nothing: for tests in which only the relay's decisions matter. */
export function opaque_message(h, { tags = [], ...rest } = {}) {
  return sign_once({
    kind: 445,
    tags: [['h', h], ...tags],
    content: base64(randomBytes(64)),
    ...rest,
  });
}

export class Person extends NostrKey {
  #key_package = null;
  group = null;

  /** Kind 443 in the gateway's dialect, real RFC 9420 bytes in `encoding` ("base64" or "hex"). */
  async key_package_event({ encoding = 'base64', expires_in_s = 3600 } = {}) {
    this.#key_package = await new_key_package(this.pubkey);
    const { bytes, ref } = this.#key_package;
    return sign(this, {
      kind: 443,
      tags: [
        ['p', this.pubkey],
        ['cs', SUITE],
        ['kpr', ref],
        ['exp', String(now_s() + expires_in_s)],
        ['encoding', encoding],
      ],
      content: Buffer.from(bytes).toString(encoding),
    });
  }

  /** Key package as Marmot clients publish it: kind 30443, or 443 without a `p`. */
  async marmot_key_package_event(kind = 30443) {
    this.#key_package = await new_key_package(this.pubkey);
    const { bytes, ref } = this.#key_package;
    return sign(this, {
      kind,
      tags: [
        ...(kind === 30443 ? [['d', randomBytes(32).toString('hex')]] : []),
        ['mls_protocol_version', '1.0'],
        ['mls_ciphersuite', '0x0001'],
        ['mls_extensions', '0x000a', '0xf2ee'],
        ['encoding', 'base64'],
        ['i', ref],
      ],
      content: base64(bytes),
    });
  }

  async create_group(h) {
    this.h = h;
    this.group = await Group.create(h, await new_key_package(this.pubkey));
  }

  /** Adds the owners of key package events: {commit, welcome} as bytes. */
  add(...events) {
    const contents = events.map(({ tags, content }) => {
      const [, encoding] = tags.find(([name]) => name === 'encoding');
      return new Uint8Array(Buffer.from(content, encoding));
    });
    return this.group.add(...contents);
  }

  /** Opens a wrap; checks that it holds a Welcome and joins with the key package made last. */
  async join(wrap, h) {
    const rumor = unwrapEvent(wrap, this.secret);
    if (rumor.kind !== 444) throw new Error(`the wrap holds kind ${rumor.kind}`);
    this.h = h;
    this.group = await Group.join(from_base64(rumor.content), this.#key_package);
    return rumor;
  }

  // Gateway dialect: 445 names its epoch, the content is the MLSMessage itself.

  #group_event(bytes, epoch, rest) {
    const tags = [
      ['h', this.h],
      ['k', String(epoch)],
    ];
    return sign_once({ kind: 445, tags, content: base64(bytes), ...rest });
  }

  async message(text, rest) {
    const { epoch } = this.group;
    return this.#group_event(await this.group.encrypt(text), epoch, rest);
  }

  /** A commit as an event; of the epoch it was made in. */
  commit(bytes) {
    return this.#group_event(bytes, this.group.epoch - 1);
  }

  /** Text of a group event, or null for a commit. */
  read(event) {
    return this.group.receive(from_base64(event.content));
  }

  async read_all(events) {
    const texts = [];
    for (const event of events) texts.push(await this.read(event));
    return texts;
  }

  // Marmot's dialect: only `h`; the MLSMessage is encrypted again under a key of the epoch.

  #marmot_key() {
    return this.group.export_secret('marmot', 'group-event', 32);
  }

  async marmot_message(text) {
    const key = await this.#marmot_key();
    const nonce = randomBytes(12);
    const sealed = chacha20poly1305(key, nonce).encrypt(await this.group.encrypt(text));
    return sign_once({
      kind: 445,
      tags: [['h', this.h]],
      content: base64(Buffer.concat([nonce, sealed])),
    });
  }

  async read_marmot(event) {
    const bytes = from_base64(event.content);
    const opened = chacha20poly1305(await this.#marmot_key(), bytes.slice(0, 12)).decrypt(
      bytes.slice(12),
    );
    return this.group.receive(opened);
  }
}
