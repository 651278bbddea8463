// Three gateways on one Firestore, people who publish and listen on all of them, and what can befall gateways, the server
// and the calls between: as `chaos`. The server is the fake of ../fake_firestore.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as for_ms } from 'node:timers/promises';

import { eventually, within } from './support/deadline.js';
import { ids, sign_once } from './support/event.js';
import { FakeFirestore, firestore_client } from './support/fake_firestore.js';
import { FirestoreRecords } from './support/firestore_records.js';
import { Fleet, let_in } from './support/fleet.js';
import { on_firestore } from './support/kept_in.js';
import { Ordeal } from './support/ordeal.js';

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const TIMEOUT_S = 3;
// A commit, and the one that it waits for; then the look at what became of it, and the machine.
const LONGEST_ANSWER_MS = 3 * TIMEOUT_S * 1000 + 1500;
const PROJECT = 'demo-chaos';

const ordeal = new Ordeal({ seed: SEED, longest_answer_ms: LONGEST_ANSWER_MS });
const ends = [];
let fake, fleet, client;
before(async () => {
  const t = { after: (end) => ends.unshift(end) };
  fake = await FakeFirestore.of(t);
  client = firestore_client(t, fake.host, PROJECT);
  process.env.FIRESTORE_EMULATOR_HOST = fake.host; // gateways inherit it
  const storage = { database_timeout_s: TIMEOUT_S };
  fleet = await Fleet.start({ 'extensions.mls_gateway': storage }, { store: on_firestore(PROJECT) });
  ends.unshift(() => fleet.remove());
  Object.assign(ordeal, { fleet, records: new FirestoreRecords(client) });
});
after(async () => {
  fake?.signal('SIGCONT');
  for (const end of ends) await end();
});

const held = (count) =>
  eventually(async () => (await fake.number('held')) === count, `${count} calls to be held`);

const reasons_of = (load) => load.refusals.map(({ answer }) => answer.reason);

/** Until that many events more got their OK, on whichever gateways. */
function oks_more(load, count) {
  const wanted = load.oks + count;
  return eventually(() => load.oks >= wanted, `${count} events more`);
}

/** Events on one gateway reach the others by Listen: by the timer alone each would take four seconds. */
async function all_hear_at_once() {
  const events = 10;
  const [writer, ...ears] = await Promise.all(fleet.gateways.map((gateway) => gateway.connect()));
  const hears = await Promise.all(ears.map((at) => at.subscribe({ kinds: [1], limit: 0 })));
  const begun = Date.now();
  for (let n = 0; n < events; n += 1) {
    const { id } = await writer.post(sign_once());
    for (const { live } of hears) await eventually(() => live.at(-1)?.id === id, 'the others to hear it');
  }
  const took = Date.now() - begun;
  assert.ok(took < events * 1000, `${events} events took ${took} ms`);
}

test('who only listens hears at once, whatever became of the stream that tells the gateway', async () => {
  await all_hear_at_once();
  for (const order of ['cut', 'reset', 'cut RESOURCE_EXHAUSTED', 'cut INTERNAL']) {
    await fake.order(order);
    const listening = async () => (await fake.number('streams')) >= fleet.gateways.length;
    await eventually(listening, `the gateways to listen again after ${order}`);
    await all_hear_at_once();
  }
});

ordeal.under_load('kill -9 of a gateway, which comes back on the same data', async (load) => {
  await fleet.gateways[1].stop('SIGKILL');
  await load.progress(40, [0, 2]);
  await fleet.gateways[1].resume();
}, { lost: [1] });

ordeal.under_load('a gateway freezes for five seconds, and holds nobody up', async (load) => {
  const begun = Date.now();
  fleet.gateways[1].signal('SIGSTOP');
  await load.progress(40, [0, 2]);
  const took = Date.now() - begun;
  assert.ok(took < 4000, `the others took ${took} ms for 40 events`);
  await for_ms(Math.max(0, 5000 - took));
  fleet.gateways[1].signal('SIGCONT');
});

ordeal.under_load('the server is down, and comes back', async (load) => {
  await fake.order('down');
  await ordeal.seen_by_all();
  await eventually(() => load.refusals.length > 0, 'somebody to be told');
  assert.equal((await fleet.gateways[0].get('/livez')).status, 200);
  await fake.order('up');
});

ordeal.under_load('the server freezes for four seconds', async (load) => {
  const begun = Date.now();
  fake.signal('SIGSTOP');
  await ordeal.seen_by_all();
  await eventually(() => load.refusals.length > 0, 'somebody to be told');
  await for_ms(Math.max(0, 4000 - (Date.now() - begun)));
  fake.signal('SIGCONT');
});

ordeal.under_load('commits are refused for good, until they are not', async (load) => {
  await fake.order('fail Commit PERMISSION_DENIED before 1000000');
  await ordeal.seen_by_all();
  await eventually(() => load.refusals.length > 0, 'somebody to be told');
  await fake.order('clear');
});

ordeal.under_load('replies to Commit are lost', async (load, random) => {
  for (let n = 0; n < 20; n += 1) {
    const code = random.one_of(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNKNOWN', 'CANCELLED']);
    await fake.order(`fail Commit ${code} after ${1 + random.integer(3)}`);
    await load.progress(1);
  }
  await fake.order('clear');
  assert.deepEqual(reasons_of(load), [], 'every commit is found');
});

ordeal.under_load('calls fail, and succeed when they are made again', async (load, random) => {
  for (let n = 0; n < 20; n += 1) {
    const method = random.one_of(['Commit', 'BatchGetDocuments', 'RunQuery', 'Listen']);
    const code = random.one_of(['ABORTED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'INTERNAL']);
    await fake.order(`fail ${method} ${code} before ${1 + random.integer(3)}`);
    if (method === 'Listen') await fake.order('cut');
    await load.progress(1);
  }
  await fake.order('clear');
  assert.deepEqual(reasons_of(load), [], 'nobody has to know');
});

ordeal.under_load('commits of all three meet at one slot', async (load) => {
  for (let n = 0; n < 10; n += 1) {
    await fake.order('hold Commit before 3');
    await held(3);
    await fake.order('release');
    await load.progress(1);
  }
});

ordeal.under_load('a Commit is held up: the others go on, and its gateway finds out what became of it', async (load) => {
  for (const when of ['before', 'after']) {
    await fake.order(`hold Commit ${when}`);
    await held(1);
    await oks_more(load, 10);
    await held(0); // its gateway waits no longer
    await load.progress(2);
  }
  assert.deepEqual(reasons_of(load), [], 'every commit comes to its end');
});

ordeal.under_load('Listen is cut and reset, and whoever hears late gets its turn', async (load, random) => {
  const before = await fake.number('calls Listen', 'calls');
  for (let n = 0; n < 6; n += 1) {
    await eventually(async () => (await fake.number('streams')) > 0, 'somebody to listen again');
    await fake.order(random.one_of(['cut', 'reset', 'cut ABORTED']));
    await load.progress(8);
  }
  assert.ok((await fake.number('calls Listen', 'calls')) >= before + 6);
  assert.deepEqual(reasons_of(load), [], 'nobody has to know');
});

/** Events by all three that all three know of: {ats, events}. */
async function told_by_all() {
  await ordeal.ready_again();
  const ats = await Promise.all(fleet.gateways.map((gateway) => gateway.connect()));
  const events = [];
  for (let n = 0; n < 9; n += 1) events.push(await ats[n % 3].post(sign_once({ content: `${n}` })));
  for (const at of ats) await at.catch_up(ats[0]); // a marker each, three commits
  return { ats, events };
}

/** Whoever was there is sent away, and let in again: connections to all three. */
async function come_again(ats) {
  for (const { closed } of ats) assert.equal((await within(closed, 'to be sent away')).code, 1012);
  return Promise.all(fleet.gateways.map((gateway) => let_in(gateway)));
}

test('history becomes another one, as after a fail-over: everybody is sent away, and finds everything', async () => {
  const { ats, events } = await told_by_all();
  const [newest] = (await client.collection('commits').orderBy('n', 'desc').limit(1).get()).docs;
  await newest.ref.update({ token: randomBytes(16) });
  for (const at of await come_again(ats))
    assert.deepEqual(ids(await at.query({ ids: ids(events) })).sort(), ids(events).sort());
});

/** As of a database that was put back to an earlier hour: nothing behind `mark` ever was. */
async function forget_behind(mark) {
  const gone = await Promise.all([
    client.collection('events').where('s', '>', mark).get(),
    client.collection('commits').where('last', '>', mark).get(),
  ]);
  const batch = client.batch();
  for (const { ref } of gone.flatMap(({ docs }) => docs)) batch.delete(ref);
  await batch.commit();
}

test('history that lost its newest commits: what is left, and what comes then, is the same on all', async () => {
  const { ats, events } = await told_by_all();
  await forget_behind((await client.doc(`events/${events[5].id}`).get()).get('s'));
  const back = await come_again(ats);
  const hears = await Promise.all(back.map((at) => at.subscribe({ kinds: [1], limit: 0 })));
  const kept = ids(events.slice(0, 6));
  const more = [];
  for (let n = 0; n < 6; n += 1) more.push((await back[n % 3].post(sign_once())).id);
  for (const [n, at] of back.entries()) {
    assert.deepEqual(ids(await at.query({ ids: [...ids(events), ...more] })).sort(), [...kept, ...more].sort());
    await eventually(() => hears[n].live.length >= more.length, 'the new ones, live');
    assert.deepEqual(ids(hears[n].live), more);
  }
});
