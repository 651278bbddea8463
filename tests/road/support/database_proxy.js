// A Unix socket before PostgreSQL's that cuts connections, also at the worst moments: at a COMMIT.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOCKET = '.s.PGSQL.5432';
const NO_TRANSACTION = Buffer.from('Z\0\0\0\x05I'); // ReadyForQuery: the commit is done
const host_in = (url) => /host=([^&]+)/.exec(url)[1];

export class DatabaseProxy {
  cut_next = null; // how the next COMMIT ends: "before" it is passed on, or "after" it was carried out
  cuts = 0;
  #pairs = new Set();
  #server = createServer();
  #folder;

  /** Before the server of `url`. */
  static async before(url) {
    const proxy = new DatabaseProxy();
    proxy.#folder = await mkdtemp(join(tmpdir(), 'mls-gateway-road-'));
    proxy.#server.on('connection', (client) => proxy.#join(client, join(host_in(url), SOCKET)));
    proxy.#server.listen(join(proxy.#folder, SOCKET));
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** `url` with this socket in the place of the server's. */
  to(url) {
    return url.replace(host_in(url), this.#folder);
  }

  #join(client, path) {
    const server = connect(path);
    const pair = { client, server };
    this.#pairs.add(pair);
    client.on('data', (bytes) => this.#to_server(pair, bytes));
    server.on('data', (bytes) => this.#to_client(pair, bytes));
    for (const end of [client, server]) end.on('close', () => this.#end(pair)).on('error', () => {});
  }

  #to_server(pair, bytes) {
    const cut = bytes.includes('COMMIT') ? this.cut_next : null;
    if (cut) this.cut_next = null;
    if (cut === 'before') return this.#cut(pair);
    if (cut === 'after') pair.condemned = true;
    pair.server.write(bytes);
  }

  #to_client(pair, bytes) {
    if (!pair.condemned) pair.client.write(bytes);
    else if (bytes.includes(NO_TRANSACTION)) this.#cut(pair);
  }

  #cut(pair) {
    this.cuts += 1;
    this.#end(pair);
  }

  #end(pair) {
    pair.client.destroy();
    pair.server.destroy();
    this.#pairs.delete(pair);
  }

  cut_all() {
    for (const pair of [...this.#pairs]) this.#cut(pair);
  }

  close() {
    for (const pair of [...this.#pairs]) this.#end(pair);
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
