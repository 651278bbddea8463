// `mls-gateway manage`: the verbs of NIP-86 against a relay that runs, and on a store beside none; docs/management.md as it stands.
import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { nsecEncode, npubEncode } from 'nostr-tools/nip19';

import { NostrKey, sign, sign_once } from './support/event.js';
import { make_certificate } from './support/certificate.js';
import { IS_SHARED } from './support/kept_in.js';
import { BINARY, Relay, run, to_toml } from './support/relay.js';

const operator = new NostrKey();
const nsec = nsecEncode(operator.secret);
const env = { NOSTR_SECRET_KEY: nsec };

const managed = (t, overrides = {}) =>
  Relay.of(t, { ...overrides, management: { admin_keys: [npubEncode(operator.pubkey)], ...overrides.management } });

/** {code, stdout, stderr}; the relay of the configuration. */
const manage = (relay, args, options = { env }) => run(['manage', '-c', relay.config_file, ...args], options);

test('calls the relay of the configuration, or another one, and prints JSON', async (t) => {
  const relay = await managed(t);
  const mallory = new NostrKey();
  const at = await relay.connect();
  assert.deepEqual((await manage(relay, ['banpubkey', npubEncode(mallory.pubkey), 'why "so"'])).stdout, 'true\n');
  assert.match(await at.rejection(sign(mallory)), /^blocked: /);
  for (const url of [relay.url, relay.http_url, `${relay.http_url}/`]) {
    const { code, stdout } = await run(['manage', 'listbannedpubkeys', '--relay', url], { env });
    assert.equal(code, 0, url);
    assert.deepEqual(JSON.parse(stdout), [{ pubkey: mallory.pubkey, reason: 'why "so"' }]);
  }
});

test('signs the public name of a relay behind a proxy', async (t) => {
  const relay = await managed(t, { auth: { relay_urls: ['wss://relay.example.com/nostr'] } });
  assert.deepEqual(JSON.parse((await manage(relay, ['listbannedpubkeys'])).stdout), []);
});

test('the key is in a file or in the variable, and is never repeated', async (t) => {
  const relay = await managed(t);
  const file = join(relay.folder, 'operator.nsec');
  await writeFile(file, `${nsec}\n`);
  const from_file = ['listbannedpubkeys', '--key-file', file];
  assert.equal((await manage(relay, from_file, { env: { NOSTR_SECRET_KEY: '' } })).code, 0);
  const hex = Buffer.from(operator.secret).toString('hex');
  assert.equal((await manage(relay, ['listbannedpubkeys'], { env: { NOSTR_SECRET_KEY: hex } })).code, 0);

  const missing = await manage(relay, ['listbannedpubkeys', '--key-file', join(relay.folder, 'none')]);
  assert.deepEqual([missing.code, missing.stdout], [2, '']);
  assert.match(missing.stderr, /cannot be read/);
  const wrong = `${nsec.slice(0, -1)}${nsec.endsWith('q') ? 'p' : 'q'}`;
  for (const given of [wrong, '', 'f'.repeat(64)]) {
    const { code, stderr } = await manage(relay, ['listbannedpubkeys'], { env: { NOSTR_SECRET_KEY: given } });
    assert.equal(code, 2);
    assert.match(stderr, /NOSTR_SECRET_KEY: .*secret key/);
    assert.ok(given === '' || !stderr.includes(given));
  }
});

test('a refusal ends with 1 and says what to do', async (t) => {
  const relay = await managed(t);
  const cases = [
    [['banpubkey', 'xyz'], /not a public key/],
    [['unbanpubkey', operator.pubkey], /not on the list/],
    [['nonsense'], /supportedmethods/],
    [['blockip', 'localhost'], /not an address or network/],
  ];
  for (const [args, told] of cases) {
    const { code, stdout, stderr } = await manage(relay, args);
    assert.deepEqual([code, stdout], [1, ''], args.join(' '));
    assert.match(stderr, told);
  }
  const stranger = { env: { NOSTR_SECRET_KEY: nsecEncode(new NostrKey().secret) } };
  const { code, stderr } = await manage(relay, ['supportedmethods'], stranger);
  assert.equal(code, 1);
  assert.match(stderr, /admin_keys/);
});

test('what does not answer as a relay is told, with 2', async (t) => {
  const relay = await managed(t);
  await relay.stop();
  const silent = await manage(relay, ['supportedmethods']);
  assert.equal(silent.code, 2);
  assert.match(silent.stderr, /is the relay running\?/);
  const { code, stderr } = await run(['manage', 'supportedmethods', '--relay', 'relay.example.com'], { env });
  assert.equal(code, 2);
  assert.match(stderr, /not an address/);
});

test('a certificate that nobody vouches for is not talked to', async (t) => {
  const relay = await Relay.of(t);
  const files = await make_certificate(relay.folder, 'relay');
  const tls = await managed(t, { server: files });
  const refused = await run(['manage', 'supportedmethods', '--relay', tls.url], { env });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /certificate/);
  const trusting = { env: { ...env, SSL_CERT_FILE: files.tls_cert } };
  const trusted = await run(['manage', 'supportedmethods', '--relay', tls.url], trusting);
  assert.equal(trusted.code, 0, trusted.stderr);
});

test('the scheme of an address is read in any case', async (t) => {
  const relay = await Relay.of(t);
  const files = await make_certificate(relay.folder, 'relay');
  const tls = await managed(t, { server: files });
  const trusting = { env: { ...env, SSL_CERT_FILE: files.tls_cert } };
  for (const scheme of ['WSS', 'Https']) {
    const address = tls.url.replace('wss', scheme);
    const { code, stderr } = await run(['manage', 'supportedmethods', '--relay', address], trusting);
    assert.equal(code, 0, stderr);
  }
});

test('the relay of the configuration shows the certificate of its public name', async (t) => {
  const relay = await Relay.of(t);
  const public_name = { auth: { relay_urls: ['wss://relay.example.com'] } };
  for (const [name, expected] of [['relay.example.com', 0], ['other.example.com', 2]]) {
    const files = await make_certificate(relay.folder, name, `DNS:${name}`);
    const tls = await managed(t, { server: files, ...public_name });
    const trusting = { env: { ...env, SSL_CERT_FILE: files.tls_cert } };
    const { code, stderr } = await manage(tls, ['supportedmethods'], trusting);
    assert.equal(code, expected, stderr);
    if (expected) assert.match(stderr, /certificate/);
  }
});

test('offline it changes the store of a relay that is stopped, and no other', async (t) => {
  const relay = await managed(t);
  const at = await relay.connect();
  const bad = await at.post(sign_once({ content: 'bad' }));
  const running = await manage(relay, ['listbannedpubkeys', '--offline'], {});
  assert.equal(running.code, IS_SHARED ? 0 : 2);
  if (!IS_SHARED) assert.match(running.stderr, /another process has it open; stop that relay/);
  await relay.stop();
  assert.equal((await manage(relay, ['banevent', bad.id, 'unlawful', '--offline'], {})).stdout, 'true\n');
  assert.equal((await manage(relay, ['changerelayname', 'renamed', '--offline'], {})).stdout, 'true\n');
  const listed = await manage(relay, ['listbannedevents', '--offline'], {});
  assert.deepEqual(JSON.parse(listed.stdout), [{ id: bad.id, reason: 'unlawful' }]);
  const nothing = await manage(relay, ['unblockip', '192.0.2.1', '--offline'], {});
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /not on the list/);
  await relay.resume();
  const again = await relay.connect();
  assert.deepEqual(await again.query({ ids: [bad.id] }), []);
  assert.match(await again.rejection(bad), /^blocked: /);
  const page = await fetch(relay.http_url, { headers: { accept: 'application/nostr+json' } });
  assert.equal((await page.json()).name, 'renamed');
});

test('an import brings nothing that is banned', async (t) => {
  const relay = await managed(t);
  const [mallory, event] = [new NostrKey(), sign_once({ content: 'bad' })];
  await manage(relay, ['banpubkey', mallory.pubkey]);
  await manage(relay, ['banevent', event.id]);
  await relay.stop();
  const lines = [sign(mallory), event, sign_once()].map((each) => `${JSON.stringify(each)}\n`).join('');
  const file = join(relay.folder, 'events.jsonl');
  await writeFile(file, lines);
  const command = `'${resolve(BINARY)}' import -c '${relay.config_file}' < '${file}'`;
  const refused = await promisify(execFile)('sh', ['-c', command]).then(() => null, (error) => error);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /this key may not use this relay/);
  assert.match(refused.stderr, /the operator has removed this event/);
  const { stdout } = await run(['scan', '-c', relay.config_file, '{}', '--count']);
  assert.equal(stdout, '1\n');
});

test('the examples of docs/management.md run, and answer what stands there', async (t) => {
  const page = await readFile(new URL('../../docs/management.md', import.meta.url), 'utf8');
  const relay = await managed(t);
  const bin = join(relay.folder, 'bin');
  await mkdir(bin);
  await mkdir(join(relay.folder, 'config'));
  await symlink(resolve(BINARY), join(bin, 'mls-gateway'));
  await writeFile(join(relay.folder, 'config', 'mls-gateway.toml'), to_toml(relay.config));
  const examples = [...page.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text]) => text).join('');
  const steps = examples.split(/^\$ /m).slice(1);
  const { stdout: names } = await manage(relay, ['supportedmethods']);
  for (const name of JSON.parse(names)) assert.ok(examples.includes(`manage ${name}`), `${name} has an example`);
  for (const step of steps) {
    const [command, ...answer] = step.split('\n');
    const { stdout } = await promisify(execFile)('sh', ['-c', command], {
      cwd: relay.folder,
      env: { ...process.env, ...env, PATH: `${bin}${delimiter}${process.env.PATH}` },
    });
    assert.equal(stdout, answer.join('\n'), command);
  }
});
