// The REST API: what it tells of key packages, and how it hands them out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { npubEncode } from 'nostr-tools/nip19';
import { verifyEvent } from 'nostr-tools/pure';

import { eventually } from './support/deadline.js';
import { ids, now_s, sign } from './support/event.js';
import { SUITE } from './support/mls.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';
import { Rest, with_api } from './support/rest.js';

const tag = (event, name) => event.tags.find(([first]) => first === name)?.[1];
const metadata_path = ({ pubkey }, more = '') => `/keypackages?owner=${pubkey}${more}`;
const claim = (api, owner) => api.post('/keypackages/claim', { owner: owner.pubkey });

async function owner_of(count, on, options) {
  const owner = new Person();
  const at = await on.connect(owner);
  const packages = [];
  for (let n = 0; n < count; n += 1)
    packages.push(await at.post(await owner.key_package_event(options)));
  return { owner, at, packages };
}

for (const keypackage_delivery of ['shared', 'single_use']) {
  describe(`with keypackage_delivery = "${keypackage_delivery}"`, () => {
    const single_use = keypackage_delivery === 'single_use';
    let relay;
    before(async () => {
      relay = await Relay.start(with_api({ keypackage_delivery }, { server: { workers: 4 } }));
    });
    after(() => relay?.remove());
    const stranger = () => new Rest(relay, new Person());

    test('metadata is the specification’s, of what a REQ would show and no more', async () => {
      const { owner, at, packages } = await owner_of(3, relay);
      const reusable = await at.post(await owner.marmot_key_package_event());
      const own = new Rest(relay, owner);
      for (const [api, seen] of [
        [own, [...packages, reusable]],
        [stranger(), single_use ? [reusable] : [...packages, reusable]],
      ]) {
        const { status, body } = await api.get(metadata_path(owner));
        assert.equal(status, 200);
        const expected = seen.map((event) => ({
          owner: owner.pubkey,
          key_reference: tag(event, 'kpr') ?? tag(event, 'i'),
          ciphersuite: SUITE,
          expires_at: tag(event, 'exp')
            ? new Date(tag(event, 'exp') * 1000).toISOString().replace('.000', '')
            : null,
        }));
        const by_reference = (a, b) => (a.key_reference < b.key_reference ? -1 : 1);
        assert.deepEqual(body.keypackages.sort(by_reference), expected.sort(by_reference));
        const shown = await (
          await relay.connect(api.as)
        ).query({ kinds: [30443], authors: [owner.pubkey] });
        assert.equal(shown.length, 1);
      }
      assert.deepEqual(
        (await own.get(`/keypackages?owner=${npubEncode(owner.pubkey)}`)).body,
        (await own.get(metadata_path(owner))).body,
      );
      assert.deepEqual((await stranger().get(metadata_path(new Person()))).body.keypackages, []);
    });

    test('metadata comes page by page, each package once', async () => {
      const { owner, packages } = await owner_of(7, relay);
      const own = new Rest(relay, owner);
      for (const limit of [1, 3, 7]) {
        const listed = await own.pages(metadata_path(owner, `&limit=${limit}`), 'keypackages');
        assert.deepEqual(
          listed.map((each) => each.key_reference).sort(),
          packages.map((event) => tag(event, 'kpr')).sort(),
        );
      }
    });

    test('nothing is told of what has expired, was deleted or given away', async () => {
      const { owner, at, packages } = await owner_of(3, relay);
      const brief = await at.post(await owner.key_package_event({ expires_in_s: 1 }));
      const own = new Rest(relay, owner);
      await at.post(sign(owner, { kind: 5, tags: [['e', packages[0].id]] }));
      const { body: given } = await claim(stranger(), owner);
      assert.equal(given.id, packages[1].id, 'the oldest that is left');
      const told = async () =>
        (await own.get(metadata_path(owner))).body.keypackages.map((each) => each.key_reference);
      await eventually(async () => !(await told()).includes(tag(brief, 'kpr')), 'the expiry');
      assert.deepEqual(await told(), [tag(packages[2], 'kpr')]);
    });

    test('a claim gives one, as it was signed, and takes it from every road', async () => {
      const { owner, at, packages } = await owner_of(3, relay);
      const api = stranger();
      const { status, body, text } = await claim(api, owner);
      assert.equal(status, 200);
      assert.deepEqual(body, packages[0]);
      assert.ok(verifyEvent(JSON.parse(text)));
      assert.deepEqual(await at.query({ ids: [body.id] }), []);
      assert.deepEqual(await (await relay.connect(new Person())).query({ ids: [body.id] }), []);
      assert.match(await at.rejection(body), /^invalid: /);
    });

    test('the last live package is given and stays', async () => {
      const { owner, packages } = await owner_of(1, relay);
      for (let n = 0; n < 3; n += 1)
        assert.equal((await claim(stranger(), owner)).body.id, packages[0].id);
    });

    test('an owner without one is 404, a stranger or one who has packages to reuse alone', async () => {
      const { owner, at } = await owner_of(0, relay);
      await at.post(await owner.marmot_key_package_event());
      await at.post(await owner.marmot_key_package_event(443));
      for (const whom of [owner, new Person()]) {
        const { status, body } = await claim(stranger(), whom);
        assert.equal(status, 404);
        assert.equal(body.code, 'no_keypackage');
      }
    });

    test('ten an hour for each requester and owner, by HTTP and socket together', async () => {
      const { owner } = await owner_of(14, relay);
      const requester = new Person();
      const api = new Rest(relay, requester);
      const at = await relay.connect(requester);
      let given = 0;
      if (single_use)
        for (; given < 4; given += 1)
          assert.equal((await at.query({ kinds: [443], authors: [owner.pubkey] })).length, 1);
      for (; given < 10; given += 1) assert.equal((await claim(api, owner)).status, 200);
      const { status, headers, body } = await claim(api, owner);
      assert.equal(status, 429);
      const wait = Number(headers.get('retry-after'));
      assert.ok(wait > 3000 && wait <= 3600, String(wait));
      assert.match(body.error, /wait/);
      if (single_use)
        assert.match(
          await at.refusal({ kinds: [443], authors: [owner.pubkey] }),
          /^rate-limited: /,
        );
      assert.equal((await claim(stranger(), owner)).status, 200);
    });

    test('of many who ask at once nobody is given what another was', async () => {
      const { owner, packages } = await owner_of(24, relay);
      const claimers = await Promise.all(
        Array.from({ length: 23 }, async (_, n) => {
          if (single_use && n % 2 === 0) {
            const at = await relay.connect(new Person());
            return async () => (await at.query({ kinds: [443], authors: [owner.pubkey] }))[0];
          }
          const api = stranger();
          return async () => {
            const { status, body, text } = await claim(api, owner);
            assert.equal(status, 200, text);
            return body;
          };
        }),
      );
      const given = ids(await Promise.all(claimers.map((ask) => ask())));
      assert.equal(new Set(given).size, 23);
      assert.ok(given.every((id) => ids(packages).includes(id)));
    });
  });
}

test('nothing is told or given to nobody, and metadata has a date even where the event’s is beyond all dates', async (t) => {
  const relay = await Relay.of(t, with_api({ keypackage_ttl: 86_400 }));
  const { owner, at } = await owner_of(1, relay, { expires_in_s: 10 ** 15 });
  const nobody = new Rest(relay);
  assert.equal((await nobody.get(metadata_path(owner))).status, 401);
  assert.equal((await claim(nobody, owner)).status, 401);
  const [told] = (await new Rest(relay, owner).get(metadata_path(owner))).body.keypackages;
  const end = Date.parse(told.expires_at) / 1000;
  assert.ok(Math.abs(end - now_s() - 86_400) < 60, 'capped by keypackage_ttl');
  const far = sign(owner, {
    kind: 30443,
    tags: [
      ['d', 'x'],
      ['expiration', String(2 ** 53)],
    ],
    content: '',
  });
  await at.post(far);
  const ends = (await new Rest(relay, owner).get(metadata_path(owner))).body.keypackages.map(
    (each) => each.expires_at,
  );
  assert.ok(ends.includes('9999-12-31T23:59:59Z'));
  const odd = sign(owner, {
    kind: 30443,
    tags: [
      ['d', 'y'],
      ['mls_ciphersuite', '0xffff'],
      ['i', 'r'.repeat(300)],
    ],
  });
  await at.post(odd);
  const last = (await new Rest(relay, owner).get(metadata_path(owner))).body.keypackages.at(-1);
  assert.ok(last);
});
