// The image: what the Dockerfile puts together is enough for the relay, which runs there as nobody in particular.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { Connection } from './support/connection.js';
import {
  Container,
  has_own_processes,
  is_root,
  libraries,
  named_libraries,
  package_of,
  read_image,
  with_dependencies,
} from './support/container.js';
import { ids, sign_once } from './support/event.js';
import { free_port, temporary_folder } from './support/relay.js';

before(() => {
  if (!is_root)
    console.error('NOT ROOT: no chroot and no change of the user; the image runs from its folder only');
  else if (!has_own_processes)
    console.error('NO NAMESPACES: the relay runs in its chroot, but not as process 1');
});

test('the packages of the image are those of the libraries that the binary names', async () => {
  const { packages } = await read_image();
  const paths = await libraries();
  // The base image has them, and libstdc++6 brings them.
  const given = [...packages, 'libc6', 'libgcc-s1'];
  for (const name of await named_libraries()) {
    const owner = await package_of(paths.find((path) => path.endsWith(`/${name}`)));
    assert.ok(given.includes(owner), `${name}: the Dockerfile does not install ${owner}`);
  }
});

test('their dependencies cover every other library', async () => {
  const { packages } = await read_image();
  const covered = await with_dependencies(packages);
  for (const path of await libraries()) {
    const owner = await package_of(path);
    assert.ok(covered.has(owner), `${path}: no package of the Dockerfile brings ${owner}`);
  }
});

test('the image is run by a user of its own, who owns the data and nothing else', async () => {
  const { runs_as, uid, folders, env } = await read_image();
  assert.equal(runs_as, `${uid}:${uid}`);
  assert.ok(uid >= 10_000, 'no user of the machine has this number');
  assert.deepEqual(folders, [env.MLS_GATEWAY_DATA_PATH]);
});

/** A container that is healthy, on a port of its own. */
async function container_of(t, env = {}) {
  const port = await free_port();
  const container = await Container.of(t, await temporary_folder(t), { PORT: String(port), ...env });
  container.http = `http://127.0.0.1:${port}`;
  container.url = `ws://127.0.0.1:${port}`;
  container.healthy = async () => (await fetch(`${container.http}/health`)).ok;
  await container.start(container.healthy);
  return container;
}

test('serves the port of PORT, says that it is healthy, and keeps its data over SIGTERM', async (t) => {
  const container = await container_of(t);
  const health = await container.exec(container.image.healthcheck);
  assert.equal(health.code, 0, health.output);

  const client = await Connection.open(container.url);
  const event = await client.post(sign_once({ content: 'kept' }));
  assert.equal(await container.stop(), 0, container.log);
  assert.equal((await client.closed).code, 1012);

  const late = await container.exec(container.image.healthcheck);
  assert.equal(late.code, 1, 'nobody is healthy who does not run');
  await container.start(container.healthy);
  const again = await Connection.open(container.url);
  assert.deepEqual(ids(await again.query({ ids: [event.id] })), [event.id]);
  again.terminate();
  assert.equal(await container.stop(), 0, container.log);
});

test('nobody in the container is root', { skip: !is_root && 'needs root' }, async (t) => {
  const container = await container_of(t);
  const { uid } = container.image;
  const status = await readFile(`/proc/${await container.pid()}/status`, 'utf8');
  assert.match(status, new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'));
  assert.match(status, new RegExp(`^Gid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, 'm'));
  if (has_own_processes)
    assert.match(status, /^NSpid:\t\d+\t1$/m, 'process 1 takes only signals that it handles');
  assert.match(status, /^CapEff:\t0+$/m);
  const data = await stat(join(container.root, container.image.folders[0], 'data.mdb'));
  assert.equal(data.uid, uid);
  assert.equal(await container.stop(), 0, container.log);
});
