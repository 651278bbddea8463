// The anonymous membership key of an MLS epoch: the members share it, prove it with NIP-42, and the relay gates the
// group without learning who is in it. No dependencies; runs where WebCrypto is (browsers, Node, Deno).

const LABEL = 'mls-gateway epoch key';
const KEY_BYTES = 32;
const ROSTER_KIND = 450;

/** Order of secp256k1 (SEC 2, section 2.4.1): secret keys are 1 … ORDER - 1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const asNumber = (bytes) => bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);

/**
 * The bytes as a secret key: themselves where they are one, else their SHA-256, and so on. Rejection keeps the key
 * uniform; it happens once in 2^128.
 */
async function toSecretKey(bytes) {
  const number = asNumber(bytes);
  if (number > 0n && number < ORDER) return bytes;
  return toSecretKey(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes)));
}

/**
 * The secret key (32 bytes) that every member of this epoch derives and nobody else can.
 *
 * `exportSecret(label, context, length)` is the MLS exporter of the group in this epoch (RFC 9420, section 8.5), as
 * every MLS library has it: label a string, context a Uint8Array, length in bytes; may return a promise.
 * `group` is the id that the group's events carry in `h`.
 */
export async function epochKey(exportSecret, group) {
  const bytes = await exportSecret(LABEL, new TextEncoder().encode(group), KEY_BYTES);
  if (bytes.length !== KEY_BYTES) throw new Error(`the exporter gave ${bytes.length} bytes`);
  return toSecretKey(Uint8Array.from(bytes));
}

function rosterEvent(group, seq, op, publicKeys) {
  return {
    kind: ROSTER_KIND,
    created_at: Math.floor(Date.now() / 1000),
    tags: [['h', group], ['seq', String(seq)], ['op', op], ...publicKeys.map((key) => ['p', key])],
    content: '',
  };
}

/**
 * Founds the group on the relay: to be signed with the first epoch's key, which becomes its only member.
 * `seq`: any number that rises; the MLS epoch is one that all members know.
 */
export const foundingEvent = ({ group, seq }) => rosterEvent(group, seq, 'bootstrap', []);

/**
 * Passes membership on to `next`, the public key (hex) of the next epoch: to be signed with the current epoch's key.
 * From its OK on, the current key reads and writes nothing more. With `overlap` both keys are members, until the next
 * rotation: for epochs that removed nobody.
 */
export const rotationEvent = ({ group, seq, next, overlap = false }) =>
  rosterEvent(group, seq, overlap ? 'promote' : 'replace', [next]);
