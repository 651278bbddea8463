// Three gateways on one PostgreSQL, people who publish and listen on all of them, and what can befall gateways, the
// server and the lines between. Whatever it is: what got its OK is kept and was delivered once, in one order, to everybody
// who stayed; the rest is answered `error:`, and nothing is half there.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as for_ms } from 'node:timers/promises';

import { DatabaseProxy } from './support/database_proxy.js';
import { eventually, within } from './support/deadline.js';
import { ids, sign_once } from './support/event.js';
import { Fleet, let_in } from './support/fleet.js';
import { on_postgres } from './support/kept_in.js';
import { Ordeal, readiness } from './support/ordeal.js';
import { Postgres } from './support/postgres.js';
import { PostgresRecords } from './support/postgres_records.js';

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const TIMEOUT_S = 3;
// What is asked first reads for so long, what waits behind a commit waits for that too; then there is the machine.
const LONGEST_ANSWER_MS = 3 * TIMEOUT_S * 1000 + 1500;

const ordeal = new Ordeal({ seed: SEED, longest_answer_ms: LONGEST_ANSWER_MS });
let postgres, schema, proxies, fleet;
before(async () => {
  postgres = await Postgres.start();
  schema = await postgres.schema();
  proxies = await Promise.all([0, 1, 2].map(() => DatabaseProxy.before(schema.url)));
  const storage = { database_timeout_s: TIMEOUT_S };
  fleet = await Fleet.start(
    { 'extensions.mls_gateway': storage },
    { store: on_postgres(schema.url), through: (n) => on_postgres(proxies[n].to(schema.url)) },
  );
  Object.assign(ordeal, { fleet, records: new PostgresRecords(postgres, schema.name) });
});
after(async () => {
  await postgres?.thaw().catch(() => {});
  await fleet?.remove();
  proxies?.forEach((proxy) => proxy.close());
  await postgres?.stop();
});

ordeal.under_load('kill -9 of a gateway, which comes back on the same data', async (load) => {
  await fleet.gateways[1].stop('SIGKILL');
  await load.progress(40, [0, 2]);
  await fleet.gateways[1].resume();
}, { lost: [1] });

ordeal.under_load('the server restarts', async () => postgres.restart());

ordeal.under_load('the server is killed and recovers', async () => {
  await postgres.kill();
  await ordeal.seen_by_all();
  await postgres.restart();
});

ordeal.under_load('the server freezes for four seconds', async (load) => {
  const begun = Date.now();
  await postgres.freeze();
  await ordeal.seen_by_all();
  await eventually(() => load.refusals.length > 0, 'somebody to be told', { ms: 15_000 });
  assert.equal((await fleet.gateways[0].get('/livez')).status, 200);
  await for_ms(Math.max(0, 4000 - (Date.now() - begun)));
  await postgres.thaw();
});

ordeal.under_load('a gateway freezes for five seconds with the lock of commits in its hands', async (load, random) => {
  const frozen = await freeze_with_lock(random);
  const since = Date.now();
  await load.progress(1, [0, 1, 2].filter((n) => n !== frozen));
  const stood_still = Date.now() - since;
  assert.ok(stood_still > 1000, 'it had the lock');
  assert.ok(stood_still < 4500, `the others stood still for ${stood_still} ms`);
  await for_ms(Math.max(0, 5000 - (Date.now() - since)));
  fleet.gateways[frozen].signal('SIGCONT');
});

/** The session that has had the lock for a while without doing anything, if there is one. */
async function idle_holder() {
  const [pid] = await postgres.sql(
    `SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted
       AND state = 'idle in transaction' AND state_change < clock_timestamp() - interval '100 ms'`,
  );
  return pid;
}

/** Freezes gateways for a moment, until one of them holds everybody up; its number. */
async function freeze_with_lock(random) {
  for (let n = 0; n < 500; n += 1) {
    const gateway = random.integer(3);
    await for_ms(random.integer(20));
    fleet.gateways[gateway].signal('SIGSTOP');
    await for_ms(150); // the others have it for a few
    if (await idle_holder()) return gateway;
    fleet.gateways[gateway].signal('SIGCONT');
  }
  throw new Error('no gateway was caught with the lock');
}

ordeal.under_load('lines to the server are cut, at COMMIT and anywhere', async (load, random) => {
  for (let n = 0; n < 18; n += 1) {
    const proxy = random.one_of(proxies);
    const how = ['before', 'after', 'anywhere'][n % 3];
    const cuts = proxy.cuts;
    if (how === 'anywhere') proxy.cut_all();
    else proxy.cut_next = how;
    await eventually(() => proxy.cuts > cuts, 'a line to be cut');
    await load.progress(2);
  }
});

ordeal.under_load('the server has no room left, and then room again', async (load) => {
  await postgres.limit(24 << 20); // its log is made of files of 16 MB
  const at = await fleet.gateways[0].connect();
  const saved = [];
  let refusal = null;
  while (!refusal) {
    const event = sign_once({ content: randomBytes(150_000).toString('hex') });
    const { accepted, reason } = await at.publish(event);
    if (accepted) saved.push(event.id);
    else refusal = reason;
  }
  assert.match(refusal, /^error: /);
  assert.equal(await readiness(fleet.gateways[0]), 503);
  await postgres.limit('unlimited');
  await ordeal.ready_again();
  assert.deepEqual(ids(await at.query({ ids: saved })).sort(), saved.sort());
  await load.progress(1);
});

ordeal.under_load('history becomes another one, as after a fail-over: everybody is sent away, and finds everything', async (load) => {
  const away = load.listeners.map(({ at }) => at.closed);
  await postgres.sql(
    `SET search_path = ${schema.name};
     SELECT pg_advisory_xact_lock(hashtextextended('mls_gateway/' || current_schema(), 0));
     UPDATE commits SET token = uuid_send(gen_random_uuid())`,
  );
  for (const end of away) assert.equal((await within(end, 'to be sent away')).code, 1012);
}, { lost: [0, 1, 2] });

test('history that lost its newest commits: what is left, and what comes then, is the same on all', async () => {
  const ats = await Promise.all(fleet.gateways.map((gateway) => gateway.connect()));
  const events = [];
  for (let n = 0; n < 9; n += 1) events.push(await ats[n % 3].post(sign_once({ content: `${n}` })));
  for (const at of ats) await at.catch_up(ats[0]); // a marker each, three commits
  const [mark] = await postgres.sql(
    `SELECT seq FROM ${schema.name}.events WHERE id = decode('${events[5].id}', 'hex')`,
  );
  await postgres.sql(
    `SET search_path = ${schema.name};
     SELECT pg_advisory_xact_lock(hashtextextended('mls_gateway/' || current_schema(), 0));
     DELETE FROM event_tags WHERE seq > ${mark};
     DELETE FROM events WHERE seq > ${mark};
     DELETE FROM commits WHERE last > ${mark}`,
  );
  for (const { closed } of ats) assert.equal((await within(closed, 'to be sent away')).code, 1012);
  const back = [];
  for (const gateway of fleet.gateways) back.push(await let_in(gateway));
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
