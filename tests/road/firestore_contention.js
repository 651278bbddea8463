// What several relays on one Firestore cost when they write at the same moment; docs/costs.md. Not a test:
//
//   node firestore_contention.js 3 100      three relays, 100 events a second
//
// Over the fake, which answers reads after 12 ms and commits after 35.
import { FakeFirestore } from './support/fake_firestore.js';
import { Person, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';
import { roster } from './support/roster.js';

const [instances = 3, rate = 100, seconds = 8] = process.argv.slice(2).map(Number);
const connections = 10; // to each relay
const group = new_group_id();
const alice = new Person();
const message = () => opaque_message(group, { tags: [['k', '1']] });

const ends = [];
const fake = await FakeFirestore.of({ after: (end) => ends.push(end) });

async function start_relay() {
  const storage = { storage_backend: 'firestore', project_id: 'demo-road' };
  const under = ['env', `FIRESTORE_EMULATOR_HOST=${fake.host}`];
  const relay = await Relay.start({ 'extensions.mls_gateway': storage }, { under });
  ends.unshift(() => relay.remove());
  return Promise.all(Array.from({ length: connections }, () => relay.connect(alice)));
}

/** All events, each at its time, in turn to each relay: how many were accepted. */
async function publish(relays, events) {
  const begin = Date.now();
  const answers = events.map(async (event, n) => {
    const due = begin + (1000 * n) / rate;
    await new Promise((resolve) => setTimeout(resolve, due - Date.now()));
    const relay = relays[n % instances];
    return relay[Math.floor(n / instances) % connections].publish(event);
  });
  return (await Promise.all(answers)).filter(({ accepted }) => accepted).length;
}

try {
  const relays = [];
  for (let n = 0; n < instances; ++n) relays.push(await start_relay());
  await relays[0][0].post(roster(alice, group, 'bootstrap', { seq: 1 }));
  const events = Array.from({ length: rate * seconds }, message);
  await fake.order('delay BatchGetDocuments 12 before 1000000');
  await fake.order('delay Commit 35 before 1000000');
  await fake.order('clear-counts');
  const before = await fake.number('calls Commit', 'calls');
  const accepted = await publish(relays, events);
  const reads = await fake.number('counts', 'reads');
  const commits = (await fake.number('counts', 'writes')) - accepted;
  const attempts = (await fake.number('calls Commit', 'calls')) - before;
  await fake.order('clear');
  console.log(
    `${instances} relays, ${rate} events/s: ${accepted} of ${events.length} accepted, ` +
      `${(accepted / commits).toFixed(1)} in a commit, ${(attempts / commits).toFixed(1)} attempts ` +
      `for each, ${(reads / accepted).toFixed(1)} reads for each event`,
  );
} finally {
  for (const end of ends) await end();
}
