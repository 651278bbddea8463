// A WebSocket client that speaks frames by hand: any bits, any cuts, any mistake. It sees each
// frame as it comes.
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import { within } from './deadline.js';

export const OP = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const RSV1 = 4; // as in `rsv`: the three reserved bits as a number, RSV1 the highest

/** One frame from a client; `length_bytes` 0, 2 or 8 forces how its length is written. */
export function frame(opcode, payload = '', options = {}) {
  const { fin = true, rsv = 0, masked = true, mask = randomBytes(4), length_bytes } = options;
  const body = Buffer.from(payload); // a copy: it is masked in place
  const extra = length_bytes ?? (body.length < 126 ? 0 : body.length < 65536 ? 2 : 8);
  const head = Buffer.alloc(2 + extra);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (extra === 0 ? body.length : extra === 2 ? 126 : 127);
  if (extra === 2) head.writeUInt16BE(body.length, 2);
  if (extra === 8) head.writeBigUInt64BE(BigInt(body.length), 2);
  if (!masked) return Buffer.concat([head, body]);
  for (let i = 0; i < body.length; i += 1) body[i] ^= mask[i & 3];
  return Buffer.concat([head, mask, body]);
}

export const text = (payload, options) => frame(OP.text, payload, options);

export function close(code, reason = '') {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return frame(OP.close, Buffer.concat([head, Buffer.from(reason)]));
}

/**
 * One message in frames of `size` bytes of payload; `first`: options of the first frame, as {rsv}.
 */
export function fragments(payload, size, first = {}) {
  const bytes = Buffer.from(payload);
  const frames = [];
  for (let at = 0; at === 0 || at < bytes.length; at += size) {
    const options = { ...(at === 0 ? first : {}), fin: at + size >= bytes.length };
    frames.push(
      frame(at === 0 ? OP.text : OP.continuation, bytes.subarray(at, at + size), options),
    );
  }
  return Buffer.concat(frames);
}

/** The payload of a compressed message (RFC 7692 §7.2.1). */
export function deflated(payload, { window_bits = 15, level = 6 } = {}) {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, windowBits: window_bits, level };
  return deflateRawSync(payload, options).subarray(0, -4);
}

export const compressed = (payload, options) => text(deflated(payload, options), { rsv: RSV1 });

/** A compressed message in frames of `size` bytes: only the first says that it is one. */
export const compressed_fragments = (payload, size, options) =>
  fragments(deflated(payload, options), size, { rsv: RSV1 });

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

/** The text of a compressed message, by an inflater with this window. */
export function inflated(payload, window_bits = 15) {
  return inflateRawSync(Buffer.concat([payload, TAIL]), {
    finishFlush: constants.Z_SYNC_FLUSH,
    windowBits: window_bits,
  });
}

export const upgrade_headers = {
  Host: 'relay',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

export class RawWebSocket {
  #socket;
  #input = Buffer.alloc(0);
  #ended = false;
  #look = () => {};

  /** A TCP connection without a handshake. */
  static async dial(port) {
    const self = new RawWebSocket();
    self.compressed_messages = 0; // that the relay has sent
    self.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    self.#socket.on('data', (bytes) => {
      self.#input = Buffer.concat([self.#input, bytes]);
      self.#look();
    });
    self.#socket.on('error', () => {}); // its 'close' follows
    self.#socket.on('close', () => {
      self.#ended = true;
      self.#look();
    });
    self.#socket.on('end', () => {
      self.#ended = true;
      self.#look();
    });
    return self;
  }

  /** An open WebSocket; `headers` go into the request, as {'Sec-WebSocket-Extensions': …}. */
  static async open(port, headers = {}) {
    const self = await RawWebSocket.dial(port);
    const answer = await self.handshake(headers);
    if (answer.status !== 101) throw new Error(`the relay answered ${answer.head}`);
    self.extensions = answer.headers['sec-websocket-extensions'] ?? '';
    self.window_bits = Number(/server_max_window_bits=(\d+)/.exec(self.extensions)?.[1] ?? 15);
    return self;
  }

  /** Sends an upgrade request, a header set to null left out; gives {status, headers, head}. */
  async handshake(headers = {}, request_line = 'GET / HTTP/1.1') {
    const lines = Object.entries({ ...upgrade_headers, ...headers })
      .filter(([, value]) => value !== null)
      .flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
    this.send([request_line, ...lines, '', ''].join('\r\n'));
    return this.response();
  }

  async response() {
    const end = await this.#until(() => this.#input.indexOf('\r\n\r\n') + 1 || undefined, 'a head');
    if (end === null) return { status: 0, headers: {}, head: '' };
    const head = this.#take(end + 3).toString();
    const fields = head.split('\r\n').slice(1, -2);
    const headers = Object.fromEntries(
      fields.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    return { status: Number(head.split(' ')[1]), headers, head };
  }

  send(...parts) {
    for (const part of parts) this.#socket.write(part);
  }

  /** A text message in one frame. */
  send_message(message) {
    this.send(text(message));
  }

  /** In pieces of `size` bytes; each has left before the next is written. */
  async send_chopped(bytes, size) {
    for (let at = 0; at < bytes.length; at += size)
      await new Promise((sent) => this.#socket.write(bytes.subarray(at, at + size), sent));
  }

  /** The next frame {opcode, fin, rsv, payload}, or null at the end of the stream. */
  next() {
    return this.#until(() => this.#frame(), 'a frame');
  }

  /**
   * The text of the next frame, inflated if it must be: the relay sends each message in one frame.
   */
  async message() {
    const next = await this.next();
    if (next?.opcode !== OP.text || !next.fin)
      throw new Error(`no text but ${next ? `opcode ${next.opcode} ${next.payload}` : 'the end'}`);
    if ((next.rsv & ~RSV1) !== 0) throw new Error(`reserved bits ${next.rsv}`);
    if (next.rsv !== RSV1) return next.payload.toString();
    this.compressed_messages += 1;
    return inflated(next.payload, this.window_bits).toString();
  }

  async json() {
    return JSON.parse(await this.message());
  }

  /**
   * The code of the relay's Close frame after which it ends the stream; 0: none in it; null: it
   * sent none.
   */
  async close_code() {
    let next;
    do next = await this.next();
    while (next && next.opcode !== OP.close);
    if (!next) return null;
    this.close_reason = next.payload.subarray(2).toString();
    return next.payload.length >= 2 ? next.payload.readUInt16BE() : 0;
  }

  /** Frames until the stream ends, which it must do by itself. */
  async rest() {
    const frames = [];
    for (let next = await this.next(); next; next = await this.next()) frames.push(next);
    return frames;
  }

  /** Stops and goes on reading, as a client does that is stuck. */
  pause() {
    this.#socket.pause();
  }
  read_on() {
    this.#socket.resume();
  }

  drop() {
    this.#socket.destroy();
  }

  #frame() {
    const input = this.#input;
    if (input.length < 2) return undefined;
    if (input[1] & 0x80) throw new Error('the relay masked a frame');
    const short = input[1] & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (input.length < head) return undefined;
    const long = head === 4 ? input.readUInt16BE(2) : head === 10 ? input.readBigUInt64BE(2) : 0;
    const length = short < 126 ? short : Number(long);
    if (input.length < head + length) return undefined;
    const bytes = this.#take(head + length);
    return {
      opcode: bytes[0] & 0x0f,
      fin: (bytes[0] & 0x80) !== 0,
      rsv: (bytes[0] >> 4) & 7,
      payload: bytes.subarray(head),
    };
  }

  #take(count) {
    const taken = this.#input.subarray(0, count);
    this.#input = this.#input.subarray(count);
    return taken;
  }

  /** What `probe` gives once it gives something; null at the end of the stream. */
  #until(probe, what) {
    const found = new Promise((resolve, reject) => {
      this.#look = () => {
        try {
          const answer = probe();
          if (answer !== undefined) resolve(answer);
          else if (this.#ended) resolve(null);
        } catch (error) {
          reject(error);
        }
      };
      this.#look();
    });
    return within(found, what, { detail: () => `; ${this.#input.length} bytes are there` }).finally(
      () => (this.#look = () => {}),
    );
  }
}
