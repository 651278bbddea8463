// What the operator reads in the log, and what nobody may read there.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { sign } from './support/event.js';
import { Person, new_group_id, opaque_message } from './support/person.js';
import { Relay, run, temporary_folder, to_toml } from './support/relay.js';
import { roster } from './support/roster.js';
import { Town } from './support/town.js';

const k = ['k', '1'];
const gateway = (keys) => ({ 'extensions.mls_gateway': keys });

describe('the log holds neither keys, group ids, content nor tokens', () => {
  /** Everything of an event that says who or what. */
  const words_of = ({ id, pubkey, sig, content, tags }) => [
    id,
    pubkey,
    sig,
    content,
    ...tags.filter(([name]) => name.length === 1 && name !== 'k').map(([, value]) => value),
    ...tags.filter(([name]) => name === 'kpr').map(([, value]) => value),
  ];

  for (const level of ['info', 'debug', 'trace']) {
    test(`at level ${level}, after a whole conversation with refusals and faults`, async (t) => {
      const relay = await Relay.of(t, { log: { level } });
      const town = new Town(relay);
      await town.begin();
      await town.go_on();
      const { alice, carol, alice_at, h } = town;
      const good = await alice.key_package_event();
      const faulty = sign(alice, { ...good, content: 'AAECAAEC' });
      await alice_at.post(faulty);
      await alice_at.rejection(roster(alice, h, 'nonsense', { seq: 1 }));
      const removal = roster(alice, h, 'remove', { seq: 7, p: [carol], name: 'Surprise party' });
      await alice_at.post(removal);
      const mallory = new Person();
      const mallory_at = await relay.connect();
      const challenge = await mallory_at.challenge();
      await mallory_at.auth(mallory, { relay: 'wss://elsewhere.example' });
      await mallory_at.rejection(opaque_message(h, { tags: [k] }));
      await mallory_at.refusal({ kinds: [445], '#h': [h], authors: [mallory.pubkey] });
      mallory_at.send('["EVENT",{"content":"half an event');
      await mallory_at.next('NOTICE', 0);

      const { log } = await relay.stop();
      assert.match(log, /a key package was accepted with faults/);
      assert.ok(log.length < 20_000, 'more than is kept of a log here');
      const events = [...town.secrets.events, faulty, removal];
      const words = [...events.flatMap(words_of), mallory.pubkey, challenge, h, town.near];
      words.push('Surprise party', 'half an event', 'psst');
      for (const word of words.filter(Boolean))
        assert.ok(!log.includes(word), `"${word}" in the log`);
    });
  }

  test('where the operator’s secrets are used or mistaken', async (t) => {
    const secret = 'hunter2-hunter2-hunter2';
    const acl_url = 'http://127.0.0.1:1'; // nobody is there
    const relay = await Relay.of(t, {
      log: { level: 'trace' },
      ...gateway({
        membership: 'acl',
        acl_url,
        acl_token: secret,
        enable_api: true,
        service_tokens: [secret],
      }),
    });
    const at = await relay.connect(new Person());
    await at.rejection(opaque_message(new_group_id(), { tags: [k] })); // no answer is no
    const drop = `${relay.http_url}/api/v1/mls/acl/invalidate`;
    const call = (url, headers = {}) => fetch(url, { method: 'POST', body: '{}', headers });
    assert.ok((await call(drop, { authorization: `Bearer ${secret}` })).ok);
    for (const query of [`?token=${secret}`, `?access_token=${secret}`, `?key=${secret}`])
      assert.equal((await call(drop + query)).status, 401, 'a token in an address is none');
    assert.ok(!(await relay.stop()).log.includes(secret));

    const folder = await temporary_folder(t);
    const file = join(folder, 'gateway.toml');
    for (const mistake of [
      { storage_backend: 'postgres', database_url: `postgres://relay:${secret}@db.example/x` },
      { membership: 'acl', acl_url: `http://relay:${secret}@acl.example` },
      { membership: 'acl', acl_url, acl_token: `${secret}\n` },
      { admin_keys: [secret] },
    ]) {
      await writeFile(file, to_toml({ data: { path: join(folder, 'data') }, ...gateway(mistake) }));
      const { code, output } = await run(['relay', '-c', file]);
      assert.ok(code > 0, `${Object.keys(mistake)} were taken`);
      assert.ok(!output.includes(secret), output);
    }
  });
});
