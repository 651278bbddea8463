// Everything of the gateway at once: Alice, Bob and Carol in a gated group with real MLS, Erin and Frank in a
// capability group, Noise messages and Welcomes beside. Whatever is said goes down in `secrets` with its readers.
import { sign_once } from './event.js';
import { alice_and_bob, invite } from './gathering.js';
import { NoiseKey, noise_message } from './noise.js';
import { Person, new_group_id, opaque_message, wrapped_welcome } from './person.js';
import { ANYBODY_AUTHENTICATED, Secrets } from './secrets.js';

export class Town {
  secrets = new Secrets();
  h = new_group_id(); // the gated group
  near = new_group_id(); // the capability group
  carol = new Person();
  erin = new Person();
  frank = new Person();
  bobs_noise = new NoiseKey();
  said = []; // {event, text, person} of the gated group, in the order of the commits

  constructor(relay) {
    this.relay = relay;
  }

  get people() {
    return [this.alice, this.bob, this.carol].filter(Boolean);
  }

  async say(person, connection, text, readers = this.people) {
    const event = await connection.post(await person.message(text));
    this.said.push({ event, text, person });
    return this.secrets.tell(event, `"${text}"`, { readers });
  }

  async say_openly(connection) {
    const event = await connection.post(opaque_message(this.near));
    return this.secrets.tell(event, 'a capability message', { named: this.near });
  }

  async whisper(from, connection, to, text) {
    const event = noise_message(from, to.pubkey, this.bobs_noise.public_key, text);
    await connection.post(event);
    return this.secrets.tell(event, `the Noise message "${text}"`, { readers: [to] });
  }

  async offer_key_package(owner, connection) {
    const event = await connection.post(await owner.key_package_event());
    this.secrets.tell(event, 'a key package', { readers: ANYBODY_AUTHENTICATED });
  }

  /** The groups come about, and the first words are said. */
  async begin() {
    const { relay, secrets, carol, erin, h } = this;
    const gathered = await alice_and_bob(relay, { h });
    const { alice, bob, alice_at, bob_at, wrap, package_event } = gathered;
    Object.assign(this, { alice, bob, alice_at, bob_at, wrap });
    secrets.tell(package_event, "Bob's key package", { readers: ANYBODY_AUTHENTICATED });
    secrets.tell(wrap, "Bob's invitation", { readers: [bob] });

    this.carol_at = await relay.connect(carol);
    await this.offer_key_package(carol, this.carol_at);
    const invited = await invite(alice_at, alice, carol);
    this.said.push({ event: invited.commit, text: null, person: alice });
    secrets.tell(invited.commit, 'the commit that adds Carol', { readers: this.people });
    secrets.tell(invited.wrap, "Carol's invitation", { readers: [carol] });
    await carol.join(invited.wrap, h);
    await bob.read(invited.commit);

    this.erin_at = await relay.connect(erin);
    await this.say_openly(this.erin_at); // her connection founds the capability group
    await this.#welcome_frank();
    await this.say(alice, alice_at, 'first');
    await this.whisper(alice, alice_at, bob, 'psst, Bob');
  }

  async #welcome_frank() {
    const { secrets, erin, frank } = this;
    const welcome = { welcome: new Uint8Array(64), key_package_id: '00'.repeat(32) };
    const event = wrapped_welcome(erin, frank.pubkey, welcome);
    await (await this.relay.connect()).post(event);
    secrets.tell(event, "Frank's Marmot Welcome", { readers: [frank] });
  }

  /** Everybody says something more. */
  async go_on() {
    const { secrets, alice, bob, carol, alice_at, bob_at, carol_at } = this;
    await this.say(bob, bob_at, 'second');
    await this.say(carol, carol_at, 'third');
    await this.say_openly(await this.relay.connect());
    await this.whisper(carol, carol_at, alice, 'psst, Alice');
    const brief = sign_once({ kind: 21_059, tags: [['p', bob.pubkey]], content: 'AA==' });
    secrets.tell(await alice_at.post(brief), 'an ephemeral wrap for Bob', { readers: [bob] });
    await this.offer_key_package(bob, bob_at);
  }
}
