// The relay through the libraries that apps are built with. What none of them shows (bytes, order, refusals) is tested raw.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { libraries } from './support/clients.js';
import { eventually } from './support/deadline.js';
import { NostrKey, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { gift_wrap, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';

/** A relay for one test, and what opens clients of it. They are closed before it goes, or they would look for it for ever. */
async function relay_for(t, Library) {
  const relay = await Relay.start();
  const clients = [];
  t.after(async () => {
    for (const client of clients) client.close();
    await relay.remove();
  });
  const open = async (key = null) => {
    clients.push(await Library.open(relay.url, key));
    return clients.at(-1);
  };
  return { relay, open };
}

/** What arrives on a subscription, from its stored part on. */
async function listen(client, filter) {
  const got = [];
  await client.subscribe(filter, (event) => got.push(event.id));
  return got;
}

for (const [name, Library] of Object.entries(libraries)) {
  describe(`${name}`, () => {
    test('publishes, reads what is stored and hears what is new', async (t) => {
      const { relay, open } = await relay_for(t, Library);
      const author = new NostrKey();
      const client = await open();
      const first = sign(author, { content: 'stored "\\ \u2028 🫂' });
      await client.publish(first);
      const got = await listen(client, { kinds: [1], authors: [author.pubkey] });
      await eventually(async () => got.length === 1, 'the stored note');
      const second = sign(author, { content: 'live' });
      await (await open()).publish(second);
      await eventually(async () => got.length === 2, 'the live note');
      assert.deepEqual(got, [first.id, second.id]);
    });

    test('authenticates when asked, and gets its own gift wraps alone', async (t) => {
      const { relay, open } = await relay_for(t, Library);
      const [alice, bob, mallory] = [new NostrKey(), new NostrKey(), new NostrKey()];
      const sender = await relay.connect();
      const stored = await sender.post(gift_wrap(alice, bob.pubkey, { kind: 14, content: 'hello' }));
      const at_bob = await listen(await open(bob), { kinds: [1059], '#p': [bob.pubkey] });
      await eventually(async () => at_bob.length === 1, 'the stored wrap');
      const at_mallory = await listen(await open(mallory), { kinds: [1059] });
      const live = await sender.post(gift_wrap(alice, bob.pubkey, { kind: 14, content: 'again' }));
      const own = await sender.post(gift_wrap(alice, mallory.pubkey, { kind: 14, content: 'hi' }));
      await eventually(async () => at_bob.length === 2 && at_mallory.length === 1, 'the live wraps');
      assert.deepEqual([at_bob, at_mallory], [[stored.id, live.id], [own.id]]);
    });

    test('gets the messages of its group, and an outsider none', async (t) => {
      const { relay, open } = await relay_for(t, Library);
      const { h, bob, alice_at } = await alice_and_bob(relay);
      const stored = await alice_at.post(opaque_message(h, { tags: [['k', '1']] }));
      const filter = { kinds: [445], '#h': [h] };
      const at_bob = await listen(await open(bob), filter);
      const at_mallory = await listen(await open(new NostrKey()), filter);
      const live = await alice_at.post(opaque_message(h, { tags: [['k', '2']] }));
      await eventually(async () => at_bob.includes(live.id), 'the live message');
      assert.deepEqual(at_bob, [stored.id, live.id]);
      assert.deepEqual(at_mallory, []);
    });

    if (!Library.rests_s)
      test('comes back by itself when the relay has died and is back', async (t) => {
        const { relay, open } = await relay_for(t, Library);
        const author = new NostrKey();
        const client = await open();
        const got = await listen(client, { kinds: [1], authors: [author.pubkey] });
        await relay.stop('SIGKILL');
        await relay.resume();
        const note = sign(author, { content: 'after' });
        await (await relay.connect()).post(note);
        await eventually(async () => got.includes(note.id), 'the note after the restart');
      });

    if (Library.prototype.count)
      test('counts', async (t) => {
        const { relay, open } = await relay_for(t, Library);
        const author = new NostrKey();
        const client = await open();
        for (const content of ['a', 'b', 'c']) await client.publish(sign(author, { content }));
        assert.equal(await client.count({ kinds: [1], authors: [author.pubkey] }), 3);
      });
  });
}
