// The relay speaks TLS itself: wss:// and https:// on its port, and nothing else there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import tls from 'node:tls';

import { make_certificate } from './support/certificate.js';
import { within } from './support/deadline.js';
import { sign_once } from './support/event.js';
import { Person } from './support/person.js';
import { Relay, free_port, run, temporary_folder, to_toml } from './support/relay.js';

async function relay_with_tls(t, overrides = {}) {
  const files = await make_certificate(await temporary_folder(t), 'relay');
  const relay = await Relay.of(t, { ...overrides, server: { ...overrides.server, ...files } });
  relay.ca = await readFile(files.tls_cert);
  return relay;
}

const incompressible = () => randomBytes(300 * 1024).toString('base64');

/** The handshake's outcome: the socket, or the error. */
async function handshake(relay, options) {
  const socket = tls.connect({ port: relay.port, host: '127.0.0.1', ca: relay.ca, ...options });
  const ended = once(socket, 'secureConnect').then(
    () => socket,
    (error) => error,
  );
  return within(ended, 'a handshake');
}

test('a conversation over wss://, its certificate checked, with AUTH by the wss:// address', async (t) => {
  const relay = await relay_with_tls(t);
  const alice = new Person();
  const strict = { ca: relay.ca, rejectUnauthorized: true };
  const [reader, writer] = [await relay.open(strict), await relay.open(strict)];
  await writer.authenticate(alice);
  const hears = await reader.subscribe({ kinds: [1] });
  const event = await writer.post(sign_once({ content: 'hello' }));
  assert.equal((await hears.next()).id, event.id);
});

test('what is longer than a TLS record arrives whole, in both directions', async (t) => {
  const relay = await relay_with_tls(t);
  const [reader, writer] = [await relay.connect(), await relay.connect()];
  const hears = await reader.subscribe({ kinds: [1] });
  const sent = [];
  for (let n = 0; n < 20; n += 1)
    sent.push(await writer.post(sign_once({ content: incompressible() })));
  assert.deepEqual(await hears.next_of(sent.length), sent);
  assert.equal((await reader.query({ kinds: [1] })).length, sent.length);
});

test('a reader who does not read is dropped over TLS too, and holds nobody up', async (t) => {
  const relay = await relay_with_tls(t, { limits: { max_send_queue_bytes: 2 * 1024 * 1024 } });
  const [stuck, writer] = [await relay.connect(), await relay.connect()];
  await stuck.subscribe({ kinds: [1] });
  stuck.pause();
  for (let n = 0; n < 120; n += 1)
    await writer.post(sign_once({ content: incompressible() }));
  stuck.read_on();
  await within(stuck.closed, 'the stuck reader to be dropped');
});

test('NIP-11, health and probes are served over https://', async (t) => {
  const relay = await relay_with_tls(t);
  const information = await relay.get('/', {
    headers: { accept: 'application/nostr+json' },
    ca: relay.ca,
    rejectUnauthorized: true,
  });
  assert.ok(JSON.parse(information.body).supported_nips.includes(1));
  assert.equal((await relay.get('/readyz')).status, 200);
});

test('healthcheck asks over TLS where the relay speaks it', async (t) => {
  const relay = await relay_with_tls(t);
  const { code, output } = await run(['healthcheck', '-c', relay.config_file]);
  assert.equal(code, 0, output);
  assert.match(output, /https:\/\//);
  await relay.stop();
  assert.equal((await run(['healthcheck', '-c', relay.config_file])).code, 1);
});

test('TLS 1.2 and 1.3 with http/1.1, nothing older and no other protocol', async (t) => {
  const relay = await relay_with_tls(t);
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const options = { minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] };
    const socket = await handshake(relay, options);
    assert.equal(socket.getProtocol?.(), version, `${socket}`);
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
  }
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
  assert.match(`${(await handshake(relay, old)).code}`, /PROTOCOL_VERSION|ECONNRESET/);
  const h2 = await handshake(relay, { ALPNProtocols: ['h2'] });
  assert.match(`${h2.code}`, /NO_APPLICATION_PROTOCOL|ECONNRESET/);
});

test('who speaks in clear is told so, and who says nothing does not stay', async (t) => {
  const relay = await relay_with_tls(t, { server: { handshake_timeout_s: 2 } });
  const silent = connect(relay.port, '127.0.0.1');
  const clear = connect(relay.port, '127.0.0.1');
  clear.write('GET / HTTP/1.1\r\nHost: relay\r\n\r\n');
  const [answer] = await within(once(clear, 'data'), 'an answer in clear');
  assert.match(answer.toString(), /^HTTP\/1\.1 400 [^]*this port speaks TLS: use https/);
  silent.resume();
  await within(once(silent, 'close'), 'the end of a handshake that never began');
});

test('a renewed certificate is served after SIGHUP, and nobody is dropped', async (t) => {
  const relay = await relay_with_tls(t);
  const subject = async () => {
    const socket = await handshake(relay, { rejectUnauthorized: false });
    t.after(() => socket.destroy());
    return socket.getPeerCertificate().fingerprint256;
  };
  const { tls_cert, tls_key } = relay.config.server;
  const connection = await relay.connect();
  const old = await subject();
  const renewed = await make_certificate(await temporary_folder(t), 'renewed');
  await writeFile(tls_cert, await readFile(renewed.tls_cert)); // half of it is there: the key is the old one
  await relay.reconfigure({});
  assert.match(relay.log, /is not the key of the certificate .*; the certificate in use stays/);
  assert.equal(await subject(), old);
  await writeFile(tls_key, await readFile(renewed.tls_key));
  await relay.reconfigure({});
  assert.notEqual(await subject(), old);
  await connection.post(sign_once({ content: 'still open' }));
});

let folder;
let good;
let other;
before(async (t) => {
  folder = await temporary_folder(t);
  [good, other] = [await make_certificate(folder, 'good'), await make_certificate(folder, 'other')];
  await writeFile(join(folder, 'junk.pem'), 'no certificate');
});

const mistakes = {
  'a key of another certificate': () => [
    { ...good, tls_key: other.tls_key },
    /tls_key: .*other\.key is not the key of the certificate in .*good\.crt; name the two/,
  ],
  'a certificate that is missing': () => [
    { ...good, tls_cert: join(folder, 'none.crt') },
    /tls_cert: .*none\.crt cannot be read: No such file/,
  ],
  'a certificate that is none': () => [
    { ...good, tls_cert: join(folder, 'junk.pem') },
    /tls_cert: .*junk\.pem holds no certificate in PEM form/,
  ],
  'a certificate without its key': () => [
    { tls_cert: good.tls_cert },
    /gateway\.toml:\d+: server\.tls_cert: needs server\.tls_key/,
  ],
};
for (const [what, make] of Object.entries(mistakes)) {
  test(`a relay with ${what} does not start, and says why`, async (t) => {
    const [files, message] = make();
    const home = await temporary_folder(t);
    const file = join(home, 'gateway.toml');
    const server = { port: await free_port(), ...files };
    await writeFile(file, to_toml({ server, data: { path: join(home, 'data') } }));
    const { code, output } = await run(['relay', '-c', file]);
    assert.equal(code, 1, output);
    assert.match(output, message);
  });
}
