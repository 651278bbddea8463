// The program: how it starts, stops, and says what is wrong.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { within } from './support/deadline.js';
import { ids, sign_once } from './support/event.js';
import { Relay, free_port, run, temporary_folder, to_toml } from './support/relay.js';

async function config_file(t, config) {
  const folder = await temporary_folder(t);
  const file = join(folder, 'gateway.toml');
  const text = typeof config === 'string' ? config : to_toml(config);
  await writeFile(file, text.replaceAll('FOLDER', folder));
  return file;
}

const good = async () => ({
  server: { host: '127.0.0.1', port: await free_port(), workers: 2 },
  data: { path: 'FOLDER/data' },
});

/** Which of these ids the relay does not have. */
async function missing(connection, wanted) {
  const found = new Set();
  for (let start = 0; start < wanted.length; start += 200) {
    const part = await connection.query({ ids: wanted.slice(start, start + 200) });
    for (const { id } of part) found.add(id);
  }
  return wanted.filter((id) => !found.has(id));
}

for (const signal of ['SIGTERM', 'SIGKILL']) {
  test(`${signal} under a stream of events loses none that got its OK`, async (t) => {
    const relay = await Relay.of(t);
    const writers = [await relay.connect(), await relay.connect(), await relay.connect()];
    const reader = await relay.connect();
    const hears = await reader.subscribe({ kinds: [1] });
    let streaming = true;
    const streams = writers.map(async (writer, number) => {
      for (let n = 0; streaming; n += 1) {
        // Several in flight: some are on their way when the end comes.
        writer.send(['EVENT', sign_once({ kind: 1, content: `${number} ${n}` })]);
        if (n % 20 === 19) await new Promise(setImmediate);
      }
    });
    const acknowledged = () =>
      writers
        .flatMap(({ messages }) => messages)
        .filter(([verb, , accepted]) => verb === 'OK' && accepted);
    await reader.wait_for(
      () => (acknowledged().length > 200 ? true : undefined),
      'a stream of events',
    );
    const how = await relay.stop(signal);
    streaming = false;
    await Promise.all(streams);
    if (signal === 'SIGTERM')
      assert.deepEqual({ code: how.code, signal: how.signal }, { code: 0, signal: null }, how.log);
    await Promise.all([...writers, reader].map(({ closed }) => closed));

    await relay.resume();
    const again = await relay.connect();
    const promised = acknowledged().map(([, id]) => id);
    assert.deepEqual(await missing(again, promised), [], `of ${promised.length} with their OK`);
    assert.deepEqual(await missing(again, ids(hears.live)), [], 'what went out live was durable');
  });
}

test('SIGINT ends the program cleanly too', async (t) => {
  const relay = await Relay.of(t);
  const connection = await relay.connect();
  const { code } = await relay.stop('SIGINT');
  assert.equal(code, 0);
  assert.ok([1001, 1012].includes((await connection.closed).code));
});

describe('a program that cannot start says why and how to mend it', () => {
  test('when the port is taken', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const config = await good();
    config.server.port = other.address().port;
    const { code, output } = await run(['relay', '-c', await config_file(t, config)]);
    assert.ok(code > 0, `code ${code}`);
    assert.match(output, new RegExp(`${config.server.port}`));
    assert.match(output, /in use|taken|already/i);
  });

  test('when the data folder cannot be made', async (t) => {
    const config = await good();
    config.data.path = 'FOLDER/gateway.toml/data'; // below a file: not even root can make that
    const { code, output } = await run(['relay', '-c', await config_file(t, config)]);
    assert.ok(code > 0, `code ${code}`);
    assert.match(output, /gateway\.toml\/data/);
  });

  test('when the data is not a store', async (t) => {
    const file = await config_file(t, await good());
    const data = join(file, '..', 'data');
    await mkdir(data);
    await writeFile(join(data, 'data.mdb'), 'this is no database'.repeat(1000));
    const { code, output } = await run(['relay', '-c', file]);
    assert.ok(code > 0, `code ${code}`);
    assert.match(output, /data/);
  });

  test('when the config file is missing', async () => {
    const { code, output } = await run(['relay', '-c', '/nowhere/gateway.toml']);
    assert.ok(code > 0);
    assert.match(output, /\/nowhere\/gateway\.toml/);
  });

  const mistakes = {
    'a key nobody knows': ['[server]\nport = 8080\nprot = 1\n', /gateway\.toml:3.*prot/s],
    'a section nobody knows': [
      '[server]\nport = 8080\n\n[sever]\nport = 1\n',
      /gateway\.toml:4.*sever/s,
    ],
    'a text for a number': ['[server]\nport = "http"\n', /gateway\.toml:2.*port/s],
    'a port out of range': ['[server]\nport = 123456\n', /gateway\.toml:2.*port.*65535/s],
    'a value that is none of the choices': [
      '[extensions.mls_gateway]\nmarmot = "sometimes"\n',
      /gateway\.toml:2.*marmot.*require-auth/s,
    ],
    'broken TOML': ['[server]\nport = \n', /gateway\.toml:2/],
    'a whitelist entry that is no key': [
      '[auth]\npubkey_whitelist = ["alice"]\n',
      /gateway\.toml:2.*pubkey_whitelist/s,
    ],
  };
  for (const [what, [text, message]] of Object.entries(mistakes)) {
    for (const verb of ['relay', 'check-config']) {
      test(`${verb}: when the config has ${what}`, async (t) => {
        const { code, output } = await run([verb, '-c', await config_file(t, text)]);
        assert.ok(code > 0, `code ${code}`);
        assert.match(output, message);
      });
    }
  }
});

test('check-config passes a good config', async (t) => {
  const { code, output } = await run(['check-config', '-c', await config_file(t, await good())]);
  assert.equal(code, 0, output);
});

test('the environment overrides the file, and its mistakes are reported as such', async (t) => {
  const file = await config_file(t, await good());
  const port = await free_port();
  const bad = await run(['check-config', '-c', file], { env: { MLS_GATEWAY_SERVER_PORT: 'many' } });
  assert.ok(bad.code > 0);
  assert.match(bad.output, /MLS_GATEWAY_SERVER_PORT/);
  const fine = await run(['check-config', '-c', file], {
    env: { MLS_GATEWAY_SERVER_PORT: String(port) },
  });
  assert.equal(fine.code, 0, fine.output);
});

test('--version names the version that /health names', async (t) => {
  const { code, stdout } = await run(['--version']);
  assert.equal(code, 0);
  const relay = await Relay.of(t);
  const { version } = await (await fetch(`${relay.http_url}/health`)).json();
  assert.ok(stdout.includes(version), `${stdout} does not name ${version}`);
});

test('--help names every command', async () => {
  const { code, stdout } = await run(['--help']);
  assert.equal(code, 0);
  for (const verb of ['relay', 'check-config', 'healthcheck'])
    assert.match(stdout, new RegExp(verb));
});

test('an unknown command fails', async () => {
  assert.ok((await run(['rellay'])).code > 0);
});

test('healthcheck tells a running relay from a stopped one', async (t) => {
  const relay = await Relay.of(t);
  assert.equal((await run(['healthcheck', '-c', relay.config_file])).code, 0);
  await relay.stop();
  const gone = await run(['healthcheck', '-c', relay.config_file]);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /Connection refused; is the relay running there\?/);
});

test('healthcheck asks over the Unix socket too, where the port is any or the address says so', async (t) => {
  const folder = await temporary_folder(t);
  const unix_socket = join(folder, 'relay.sock');
  const relay = await Relay.of(t, { server: { unix_socket } });
  const at = (url) => run(['healthcheck', '--url', url]);
  assert.equal((await at(`unix:${unix_socket}`)).code, 0);
  assert.equal((await at(`${relay.http_url}/livez`)).code, 0);
  assert.match((await at(`${relay.http_url}/nowhere`)).stderr, /404/);
  assert.match((await at(`unix:${folder}/other.sock`)).stderr, /No such file/);
  assert.match((await at('relay.example')).stderr, /not an address to ask; write http:/);
  const env = { MLS_GATEWAY_SERVER_PORT: '0' };
  const by_config = await run(['healthcheck', '-c', relay.config_file], { env });
  assert.equal(by_config.code, 0, by_config.output);
  assert.match(by_config.stdout, /^unix:/);
});

test('healthcheck waits --timeout seconds and no longer', async (t) => {
  const mute = createServer(() => {}).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  t.after(() => mute.close());
  const begin = Date.now();
  const url = `http://127.0.0.1:${mute.address().port}/readyz`;
  const { code, stderr } = await run(['healthcheck', '--url', url, '--timeout', '1']);
  assert.equal(code, 1);
  assert.match(stderr, /no answer within 1 seconds/);
  assert.ok(Date.now() - begin >= 1000 && Date.now() - begin < 4000);
});

describe('messages the relay does not take', () => {
  let relay;
  before(async () => (relay = await Relay.start()));
  after(() => relay?.remove());

  test('a message over 512 KiB is refused, in one frame or in fragments', async () => {
    const text = JSON.stringify(['EVENT', sign_once({ content: 'x'.repeat(600 * 1024) })]);
    const halves = [text.slice(0, 300 * 1024), text.slice(300 * 1024)];
    for (const send of [
      (connection) => connection.send(text),
      (connection) => connection.send_fragments(halves),
    ]) {
      const connection = await relay.connect();
      const from = connection.messages.length;
      send(connection);
      const answer = await Promise.race([
        connection.closed.then(({ code }) => code),
        connection
          .next('NOTICE', from)
          .then(([verb]) => verb)
          .catch(() => connection.closed.then(({ code }) => code)),
      ]);
      assert.ok(answer === 1009 || answer === 'NOTICE', `${answer}`);
    }
    await (await relay.connect()).post(sign_once({ content: 'others are served' }));
  });

  test('a binary frame is refused with a word of explanation', async () => {
    const connection = await relay.connect();
    const from = connection.messages.length;
    connection.send(Buffer.from(JSON.stringify(['REQ', 'x', {}])));
    const answer = await Promise.race([
      connection.closed,
      connection.next('NOTICE', from).catch(() => connection.closed),
    ]);
    if (Array.isArray(answer)) assert.match(answer[1], /binary|text/i);
    else assert.equal(answer.code, 1003);
  });

  test('text that is no UTF-8 ends the connection, and only that one', async () => {
    const other = await relay.connect();
    const connection = await relay.connect();
    connection.send_fragments([
      Buffer.from('["REQ","x",{"#t":["'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"]}]'),
    ]);
    const answer = await Promise.race([
      connection.closed.then(({ code }) => code),
      connection.next('NOTICE', 0).then(
        () => 'NOTICE',
        () => 'none',
      ),
    ]);
    assert.ok([1007, 1003, 'NOTICE'].includes(answer), `${answer}`);
    assert.ok(await other.ping());
  });
});

test('a reader who does not read is dropped, and holds nobody up', async (t) => {
  const relay = await Relay.of(t, { limits: { max_send_queue_bytes: 2 * 1024 * 1024 } });
  const [stuck, reader, writer] = [
    await relay.connect(),
    await relay.connect(),
    await relay.connect(),
  ];
  await stuck.subscribe({ kinds: [1] });
  const hears = await reader.subscribe({ kinds: [1] });
  stuck.pause();
  const sent = [];
  for (let n = 0; n < 120; n += 1) {
    const content = randomBytes(200 * 1024).toString('hex'); // compression leaves more than half
    sent.push(await writer.post(sign_once({ content })));
  }
  assert.deepEqual(ids(await hears.next_of(sent.length)), ids(sent));
  stuck.read_on();
  await within(stuck.closed, 'the stuck reader to be dropped');
});

test('a config file is read as it stands: the relay does not write to it', async (t) => {
  const relay = await Relay.of(t);
  assert.equal(await readFile(relay.config_file, 'utf8'), to_toml(relay.config));
});
