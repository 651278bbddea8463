// A direct message of kind 446: X25519 and XChaCha20-Poly1305, readable by its recipient alone.
import './webcrypto.js';
import { randomBytes } from 'node:crypto';

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';

import { sign } from './event.js';

const INFO = new TextEncoder().encode('noise.1');

function message_key(secret, public_key, ephemeral) {
  return hkdf(sha256, x25519.getSharedSecret(secret, public_key), ephemeral, INFO, 32);
}

export class NoiseKey {
  constructor() {
    this.secret = x25519.utils.randomSecretKey();
    this.public_key = x25519.getPublicKey(this.secret);
  }
}

/** `recipient`: Nostr key that gets it; `public_key`: its X25519 key. Content: ephemeral key, nonce, ciphertext. */
export function noise_message(sender, recipient, public_key, text) {
  const ephemeral = new NoiseKey();
  const nonce = randomBytes(24);
  const key = message_key(ephemeral.secret, public_key, ephemeral.public_key);
  const sealed = xchacha20poly1305(key, nonce).encrypt(new TextEncoder().encode(text));
  return sign(sender, {
    kind: 446,
    tags: [
      ['p', recipient],
      ['v', 'noise.1'],
    ],
    content: Buffer.concat([ephemeral.public_key, nonce, sealed]).toString('base64'),
  });
}

export function read_noise(event, { secret }) {
  const bytes = new Uint8Array(Buffer.from(event.content, 'base64'));
  const ephemeral = bytes.slice(0, 32);
  const key = message_key(secret, ephemeral, ephemeral);
  return new TextDecoder().decode(
    xchacha20poly1305(key, bytes.slice(32, 56)).decrypt(bytes.slice(56)),
  );
}
