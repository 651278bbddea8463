// membership = "acl": the reference sidecar, a process of its own, says who is in a group.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually } from './support/deadline.js';
import { ids, sign } from './support/event.js';
import { Person, gift_wrap, invitation_tags, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';
import { roster } from './support/roster.js';

const SIDECAR = fileURLToPath(new URL('../../sidecar/acl.js', import.meta.url));
const TOKEN = 'only-for-this-test';

/** The sidecar with the membership of `groups`: {h: {pubkey: role}}. */
class Sidecar {
  static async start(groups = {}) {
    const sidecar = new Sidecar();
    sidecar.folder = await mkdtemp(join(tmpdir(), 'mls-gateway-acl-'));
    sidecar.file = join(sidecar.folder, 'groups.json');
    await writeFile(sidecar.file, JSON.stringify(groups));
    await sidecar.run();
    return sidecar;
  }

  async run(port = 0) {
    const args = [SIDECAR, '--port', String(port), '--groups', this.file, '--token-env', 'ACL_TOKEN'];
    this.child = spawn('node', args, {
      env: { ...process.env, ACL_TOKEN: TOKEN },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(this.child.stdout), 'line');
    this.url = JSON.parse(line).listening;
  }

  async set(h, person, role) {
    const path = `${this.url}/v1/groups/${encodeURIComponent(h)}/members/${person.pubkey}`;
    const response = await fetch(path, {
      method: role ? 'PUT' : 'DELETE',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      ...(role ? { body: JSON.stringify({ role }) } : {}),
    });
    assert.ok(response.ok, `${response.status}`);
  }

  async stop() {
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
  }
}

const [alice, bob, mallory] = Array.from({ length: 3 }, () => new Person());
const h = new_group_id();
const message = (group = h) => opaque_message(group, { tags: [['k', '1']] });

let sidecar;
let relay;
before(async () => {
  sidecar = await Sidecar.start({ [h]: { [alice.pubkey]: 'admin', [bob.pubkey]: 'member' } });
  relay = await Relay.start({
    'extensions.mls_gateway': {
      membership: 'acl',
      acl_url: sidecar.url,
      acl_token: TOKEN,
      acl_timeout_ms: 500,
      group_cache_ttl: 1,
    },
  });
});
after(async () => {
  await relay?.remove();
  await sidecar?.stop();
  if (sidecar) await rm(sidecar.folder, { recursive: true });
});

test('whom the sidecar names write and read, stored and live; nobody else does', async () => {
  const [alice_at, bob_at, mallory_at] = await Promise.all(
    [alice, bob, mallory].map((person) => relay.connect(person)),
  );
  const to_bob = await bob_at.subscribe({ kinds: [445], '#h': [h] });
  const to_mallory = await mallory_at.subscribe({ kinds: [445], '#h': [h] });
  const sent = await alice_at.post(message());
  assert.equal((await to_bob.next()).id, sent.id);
  assert.deepEqual(ids(await bob_at.query({ kinds: [445], '#h': [h] })), [sent.id]);
  assert.equal((await mallory_at.count({ kinds: [445], '#h': [h] })).count ?? 0, 0);
  assert.deepEqual(await mallory_at.query({ '#h': [h] }), []);
  assert.deepEqual(await mallory_at.query({ ids: [sent.id] }), []);
  assert.match(await mallory_at.rejection(message()), /^restricted: /);
  assert.deepEqual(to_mallory.live, []);
});

test('a subscription that names no group gets what its viewer turns out to be a member of', async () => {
  const group = new_group_id();
  await sidecar.set(group, alice, 'admin');
  await sidecar.set(group, bob, 'member');
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const wide = await bob_at.subscribe({ kinds: [445], limit: 0 });
  const sent = await alice_at.post(message(group));
  assert.equal((await wide.next()).id, sent.id);
  const stored = await bob_at.query({ kinds: [445] });
  assert.ok(ids(stored).includes(sent.id));
});

test('who is removed there loses access on an open subscription, once the answer has aged', async () => {
  const group = new_group_id();
  await sidecar.set(group, alice, 'admin');
  await sidecar.set(group, bob, 'member');
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const to_bob = await bob_at.subscribe({ kinds: [445], '#h': [group] });
  const first = await alice_at.post(message(group));
  assert.equal((await to_bob.next()).id, first.id);
  await sidecar.set(group, bob, undefined);
  const removed = async () => (await bob_at.query({ kinds: [445], '#h': [group] })).length === 0;
  await eventually(removed, 'the removal');
  const later = await alice_at.post(message(group));
  await bob_at.catch_up(alice_at);
  assert.ok(!ids(to_bob.live).includes(later.id));
});

test('rosters and invitations change nothing: the sidecar alone decides', async () => {
  const alice_at = await relay.connect(alice);
  const of_alice = roster(alice, h, 'add', { seq: 1, p: [mallory] });
  assert.match(await alice_at.rejection(of_alice), /^restricted: /);
  await alice_at.post(gift_wrap(alice, mallory.pubkey, { kind: 444 }, invitation_tags(h)));
  const mallory_at = await relay.connect(mallory);
  assert.deepEqual(await mallory_at.query({ kinds: [445], '#h': [h] }), []);
  const wrap = gift_wrap(mallory, mallory.pubkey, { kind: 444 }, invitation_tags(h));
  assert.match(await mallory_at.rejection(wrap), /^restricted: /);
});

test('nobody founds a group that the sidecar does not know', async () => {
  const mallory_at = await relay.connect(mallory);
  assert.match(await mallory_at.rejection(message(new_group_id())), /^restricted: /);
  const bare = opaque_message(new_group_id());
  await mallory_at.post(bare); // a capability group asks no sidecar
});

test('a sidecar that does not answer is a no, and its return a yes again', async () => {
  const group = new_group_id();
  await sidecar.set(group, alice, 'admin');
  const alice_at = await relay.connect(alice);
  await alice_at.post(message(group));
  const { port } = new URL(sidecar.url);
  await sidecar.stop();
  const late_at = await relay.connect(alice);
  const refused = async () => (await late_at.publish(message(group))).reason.startsWith('restricted: ');
  await eventually(refused, 'the last answer to age');
  const known = await alice_at.publish(message(group));
  assert.equal(known.accepted, false);
  assert.deepEqual(await late_at.query({ kinds: [445], '#h': [group] }), []);
  await sidecar.run(port);
  const last = await late_at.post(message(group));
  assert.ok(ids(await late_at.query({ kinds: [445], '#h': [group] })).includes(last.id));
});

test('public events need no sidecar', async () => {
  const mallory_at = await relay.connect(mallory);
  const note = await mallory_at.post(sign(mallory, { content: 'hello' }));
  assert.deepEqual(ids(await mallory_at.query({ ids: [note.id] })), [note.id]);
});
