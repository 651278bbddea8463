// The image as Cloud Run runs it: the service's command and environment, Firestore behind it, nothing kept inside.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'yaml';

import { Connection } from './support/connection.js';
import { Container, libraries, named_libraries, package_of, read_image } from './support/container.js';
import { ids, sign_once } from './support/event.js';
import { FakeFirestore } from './support/fake_firestore.js';
import { parse_metrics, scrape } from './support/metrics.js';
import { Person, new_group_id, opaque_message } from './support/person.js';
import { Relay, free_port, run, temporary_folder } from './support/relay.js';
import { roster } from './support/roster.js';

const tree = fileURLToPath(new URL('../../', import.meta.url));
const text_of = (path) => readFile(join(tree, path), 'utf8');
const service = async () =>
  parse(await text_of('deploy/cloudrun/service.yaml')).spec.template.spec.containers[0];

test('the image installs no library that nothing in it names', async () => {
  const paths = await libraries();
  const named = await named_libraries();
  const owners = await Promise.all(
    named.map((name) => package_of(paths.find((path) => path.endsWith(`/${name}`)))),
  );
  const installed = (await read_image()).packages.filter((name) => name !== 'ca-certificates');
  assert.deepEqual(
    installed.filter((name) => !owners.includes(name)),
    [],
  );
});

test('the relay knows the variables of the service and the keys of config/cloudrun.toml', async () => {
  const { stdout: reference } = await run(['check-config', '--reference']);
  for (const { name } of (await service()).env) assert.ok(reference.includes(`\`${name}\``), name);
  const { code, output } = await run(['check-config', '-c', join(tree, 'config/cloudrun.toml')], {
    env: { GOOGLE_CLOUD_PROJECT: 'demo-road' },
  });
  assert.equal(code, 0, output);
});

/** What the service gives its container, for the Firestore at `host`. */
async function started(t, host) {
  const port = await free_port();
  const values = { '@PROJECT@': 'demo-road', '@DATABASE@': '(default)', '@RELAY_URL@': `ws://127.0.0.1:${port}` };
  const { args, env } = await service();
  const container = await Container.of(t, await temporary_folder(t), {
    ...Object.fromEntries(env.map(({ name, value }) => [name, values[value]])),
    FIRESTORE_EMULATOR_HOST: host,
    PORT: String(port),
  });
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  await container.start(ready, args);
  container.open = () => Connection.open(`ws://127.0.0.1:${port}`);
  return container;
}

test('nothing is kept in the container: another one answers for what the first has acknowledged', async (t) => {
  const { host } = await FakeFirestore.of(t);
  const first = await started(t, host);
  const client = await first.open();
  const event = await client.post(sign_once({ content: 'kept' }));
  assert.equal(await first.stop(), 0, first.log);
  assert.equal((await client.closed).code, 1012);
  for (const folder of first.image.folders) assert.deepEqual(await readdir(join(first.root, folder)), []);

  const second = await started(t, host);
  const again = await second.open();
  assert.deepEqual(ids(await again.query({ ids: [event.id] })), [event.id]);
  again.terminate();
  assert.equal(await second.stop(), 0, second.log);
});

test('a group message costs what docs/costs.md says', async (t) => {
  const fake = await FakeFirestore.of(t);
  const metrics_port = await free_port();
  const relay = await Relay.of(
    t,
    {
      'extensions.mls_gateway': { storage_backend: 'firestore', project_id: 'demo-road' },
      metrics: { bind: `127.0.0.1:${metrics_port}` },
    },
    { under: ['env', `FIRESTORE_EMULATOR_HOST=${fake.host}`] },
  );
  const alice = new Person();
  const at = await relay.connect(alice);
  const h = new_group_id();
  await at.post(roster(alice, h, 'bootstrap', { seq: 1 }));
  const message = () => opaque_message(h, { tags: [['k', '1']] });
  await at.post(message());
  const bill = async () => {
    const metrics = parse_metrics(await scrape(`http://127.0.0.1:${metrics_port}`));
    return ['read', 'write', 'delete'].map((what) => metrics.get(`mls_gateway_store_billed_total{operation="${what}"}`));
  };
  const before = await bill();
  const messages = 50;
  await fake.order('clear-counts');
  const begin = Date.now();
  for (let n = 0; n < messages; ++n) await at.post(message());
  const seconds = (Date.now() - begin) / 1000;
  const counts = await fake.order('counts');
  const [reads, writes, deletes] = ['reads', 'writes', 'deletes'].map((name) =>
    Number(counts.match(new RegExp(`${name} (\\d+)`))[1]),
  );
  // One commit each, one instance: on arrival 2, to be committed 8, its slots 2, told by Listen 1.
  const idle = 2 * (1 + seconds / 4) + 6 * (1 + seconds / 30) + 1;
  t.diagnostic(`${messages} messages: ${counts}, in ${seconds.toFixed(1)} s`);
  assert.ok(reads >= 13 * messages - 2 && reads <= 13 * messages + idle, counts);
  // The event and its commit; the group's row once a minute.
  assert.ok(writes >= 2 * messages && writes <= 2 * messages + 2 * (1 + seconds / 60), counts);
  assert.equal(deletes, 0);
  const [own_reads, own_writes, own_deletes] = (await bill()).map((count, n) => count - before[n]);
  assert.ok(own_reads >= reads && own_reads <= reads + idle, `${own_reads} reads in the metrics, ${reads} made`);
  assert.deepEqual([own_writes, own_deletes], [writes, deletes]);
  await relay.stop(); // before its Firestore goes
});
