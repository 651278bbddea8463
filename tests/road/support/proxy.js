// A network that fails: a WebSocket server that passes everything on to a relay, until it cuts the line or halts.
import { once } from 'node:events';

import WebSocket, { WebSocketServer } from 'ws';

export class Proxy {
  cut = 0; // lines so far
  #passed = 0;
  #server;

  /**
   * `cuts`: after how many messages from the relay, over all connections, a line is cut; `halts_after`: after how many
   * nothing is passed on any more (then `halted` settles).
   */
  static async to(relay, { cuts = [], halts_after = Infinity } = {}) {
    const proxy = new Proxy();
    proxy.#server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(proxy.#server, 'listening');
    proxy.url = `ws://127.0.0.1:${proxy.#server.address().port}`;
    proxy.halted = new Promise((resolve) => (proxy.halt = resolve));
    proxy.#server.on('connection', (client) => proxy.#join(client, relay.url, cuts, halts_after));
    return proxy;
  }

  #join(client, url, cuts, halts_after) {
    const line = new WebSocket(url);
    const early = [];
    client.on('message', (data) => {
      if (line.readyState === WebSocket.OPEN) line.send(data.toString());
      else early.push(data.toString());
    });
    line.on('open', () => early.forEach((text) => line.send(text)));
    line.on('message', (data) => {
      this.#passed += 1;
      if (this.#passed > halts_after) return this.halt();
      if (this.#passed < (cuts[this.cut] ?? Infinity)) return client.send(data.toString());
      this.cut += 1;
      client.terminate();
    });
    client.on('close', () => line.terminate());
    line.on('close', () => client.terminate());
  }

  close() {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}
