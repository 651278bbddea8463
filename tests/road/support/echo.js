// A relay does not echo, but what it answers tells what it read: a message of any size comes back
// as the id of a
// subscription or as an event, and text that is no message as a NOTICE.
import assert from 'node:assert/strict';

import { NostrKey, sign } from './event.js';
import { OP } from './websocket.js';

const author = new NostrKey();
const EPHEMERAL = 20_001; // passed on and never stored

let numbered = 0;

/** A REQ of exactly `size` bytes, at least 40: JSON may hold spaces. {text, answered(websocket)} */
export function request_of(size) {
  const id = `${++numbered}`.padStart(8, '0');
  const head = `["REQ","${id}",`;
  const body = '{"limit":0}]';
  const text = head + ' '.repeat(size - head.length - body.length) + body;
  return {
    text,
    async answered(websocket) {
      assert.deepEqual(await websocket.json(), ['EOSE', id]);
      websocket.send_message(`["CLOSE","${id}"]`);
    },
  };
}

const envelope = JSON.stringify(['EVENT', signed('')]).length; // around any content

/**
 * An EVENT of exactly `size` bytes, at least 512, whose content begins with as much of `content` as
 * fits.
 */
export function event_of(size, content) {
  const kept = Buffer.from(content.repeat(Math.ceil(size / Buffer.byteLength(content))));
  // A character that is cut in two goes; quotes would be escaped, and are not in what tests send.
  const whole = new TextDecoder().decode(kept.subarray(0, size - envelope), { stream: true });
  const padding = size - envelope - Buffer.byteLength(whole);
  const event = signed(whole + '.'.repeat(padding));
  const text = JSON.stringify(['EVENT', event]);
  assert.equal(Buffer.byteLength(text), size);
  return { text, event };
}

/**
 * Its fields in the order in which the relay passes them on, so that it comes back byte for byte.
 */
function signed(content) {
  const template = { kind: EPHEMERAL, created_at: 1_700_000_000 + ++numbered, content };
  const { id, pubkey, created_at, kind, tags, sig } = sign(author, template);
  return { id, pubkey, created_at, kind, tags, content, sig };
}

/** Subscribes to what event_of() makes. */
export async function subscribe(websocket, id = 'echo') {
  websocket.send_message(JSON.stringify(['REQ', id, { authors: [author.pubkey], limit: 0 }]));
  assert.deepEqual(await websocket.json(), ['EOSE', id]);
}

/** Reads the OK of this event and its delivery, byte for byte, in whichever order. */
export async function comes_back(websocket, event, id = 'echo') {
  const answers = [await websocket.message(), await websocket.message()].sort();
  const delivery = `["EVENT",${JSON.stringify(id)},${JSON.stringify(event)}]`;
  const told = answers[0].slice(0, 300); // not all of it: events may be large
  assert.ok(answers[0] === delivery, `${told} of ${answers[0].length} for ${delivery.length}`);
  assert.equal(answers[1], JSON.stringify(['OK', event.id, true, '']));
}

/** The relay took this text for a message, though not for one of Nostr's. */
export async function is_read(websocket) {
  const [verb, reason] = await websocket.json();
  assert.equal(verb, 'NOTICE');
  assert.equal(typeof reason, 'string');
}

/**
 * Nothing is wrong with the connection: a request of its own is answered, and nothing else before.
 */
export async function goes_on(websocket) {
  const { text, answered } = request_of(60);
  websocket.send_message(text);
  await answered(websocket);
}

/**
 * The relay answers with these pongs and NOTICEs, then closes with `code`, then ends the stream.
 */
export async function ends_with(websocket, code, before = []) {
  const seen = [];
  let next = await websocket.next();
  for (; next && next.opcode !== OP.close; next = await websocket.next())
    seen.push(next.opcode === OP.pong ? `pong ${next.payload}` : JSON.parse(next.payload)[0]);
  assert.equal(next?.payload.readUInt16BE(), code, `closed by ${next?.payload}`);
  assert.deepEqual(seen, before);
  assert.equal(await websocket.next(), null, 'the end of the stream');
}
