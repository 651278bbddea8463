// How people get together on a relay, in the gateway's dialect.
import { Person, new_group_id, wrapped_welcome } from './person.js';
import { Rest } from './rest.js';
import { roster } from './roster.js';

/**
 * Bob publishes a key package; Alice fetches it, creates the group and founds it on the relay by inviting Bob; Bob
 * reads the invitation and joins. Both stay connected and authenticated.
 */
export async function alice_and_bob(relay, { h = new_group_id(), encoding } = {}) {
  const [alice, bob] = [new Person(), new Person()];
  const alice_at = await relay.connect(alice);
  const bob_at = await relay.connect(bob);
  await bob_at.post(await bob.key_package_event({ encoding }));

  const [package_event] = await alice_at.query({ kinds: [443], authors: [bob.pubkey] });
  await alice.create_group(h);
  const { welcome } = await alice.add(package_event);
  const wrap = wrapped_welcome(alice, bob.pubkey, { welcome, key_package_id: package_event.id, h });
  await alice_at.post(wrap);

  const [invitation] = await bob_at.query({ kinds: [1059], '#p': [bob.pubkey] });
  const rumor = await bob.join(invitation, h);
  return { h, alice, bob, alice_at, bob_at, package_event, wrap, rumor };
}

/** A member brings somebody else in: the commit first, the Welcome once the commit is safe. Gives both events. */
export async function invite(connection, inviter, newcomer) {
  const [package_event] = await connection.query({ kinds: [443], authors: [newcomer.pubkey] });
  const { commit, welcome } = await inviter.add(package_event);
  const commit_event = await connection.post(inviter.commit(commit));
  const wrap = wrapped_welcome(inviter, newcomer.pubkey, {
    welcome,
    key_package_id: package_event.id,
    h: inviter.h,
  });
  return { commit: commit_event, wrap: await connection.post(wrap) };
}

/** A group of Alice, who is its admin, and Bob: with connections and as callers. */
export async function group_of_two(on, h = new_group_id()) {
  const [alice, bob, mallory] = Array.from({ length: 3 }, () => new Person());
  const [alice_at, bob_at] = [await on.connect(alice), await on.connect(bob)];
  await alice_at.post(roster(alice, h, 'bootstrap', { seq: 1, p: [bob] }));
  const [alice_api, bob_api, mallory_api] = [alice, bob, mallory].map((person) => new Rest(on, person));
  return { h, alice, bob, mallory, alice_at, bob_at, alice_api, bob_api, mallory_api };
}
