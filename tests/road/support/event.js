// Nostr keys and signed events.
import './webcrypto.js';
import { createHash } from 'node:crypto';

import { schnorr } from '@noble/curves/secp256k1.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { finalizeEvent, generateSecretKey, getPublicKey } from 'nostr-tools/pure';

/** A Nostr account, or a one-time key. */
export class NostrKey {
  constructor() {
    this.secret = generateSecretKey();
    this.pubkey = getPublicKey(this.secret);
  }
}

export const now_s = () => Math.floor(Date.now() / 1000);

/** An event signed by `key`, plain as JSON; created_at defaults to now. */
export function sign(key, { kind = 1, created_at = now_s(), tags = [], content = '' } = {}) {
  const event = finalizeEvent({ kind, created_at, tags, content }, key.secret);
  return Object.fromEntries(Object.entries(event)); // without the library's own mark under a symbol
}

/** Signed by a key that is used once and forgotten, as MLS clients do it for 445 and 1059. */
export const sign_once = (template) => sign(new NostrKey(), template);

/**
 * For events that no library would sign: id and signature made over `canonical`, the JSON text that gets hashed,
 * whatever the other fields are.
 */
export function sign_canonical(key, canonical) {
  const id = createHash('sha256').update(canonical).digest('hex');
  return { id, sig: bytesToHex(schnorr.sign(hexToBytes(id), key.secret)) };
}

export const ids = (events) => events.map((event) => event.id);
