// Stands before a relay as a proxy does; GET /metrics is answered here, with figures that a test chooses.
import { once } from 'node:events';
import http from 'node:http';

import { Metrics } from './metrics_text.js';

export const TOKEN = 'a-token-of-the-tests';

export class Front {
  metrics = new Metrics();
  says = 'metrics'; // or 'refused', 'off', 'nothing' (the line is cut), 'nonsense'
  requests = [];
  #server;

  static async before(relay) {
    const front = new Front();
    front.#server = http.createServer((request, response) => front.#serve(relay, request, response));
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    front.url = `http://127.0.0.1:${front.#server.address().port}`;
    return front;
  }

  #serve(relay, request, response) {
    this.requests.push(request.url);
    if (this.says === 'nothing') return request.socket.destroy();
    if (request.url === '/metrics') return this.#answer(request, response);
    const { method, headers, url: path } = request;
    const passed = http.request(`${relay.http_url}${path}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  }

  #answer(request, response) {
    if (this.says === 'off') return response.writeHead(404).end();
    if (this.says === 'nonsense') return response.writeHead(200).end('<h1>Welcome</h1>');
    if (this.says === 'refused') return response.writeHead(401).end();
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return response.writeHead(401).end();
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' });
    response.end(this.metrics.text());
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
