// NIP-77 from the client's side, with the negentropy of nostr-tools.
import './webcrypto.js';
import { nip77 } from 'nostr-tools';

const { Negentropy, NegentropyStorageVector } = nip77;

/** The relay answered with NEG-ERR; `max`: the number behind the reason, if there is one. */
export class NegError extends Error {
  constructor([, , reason, max]) {
    super(`NEG-ERR ${reason}`);
    Object.assign(this, { reason, max });
  }
}

export function negentropy_of(events, frame_size) {
  const storage = new NegentropyStorageVector();
  for (const { created_at, id } of events) storage.insert(created_at, id);
  storage.seal();
  return new Negentropy(storage, frame_size);
}

/** What somebody without events says first: name everything. */
export const NOTHING = negentropy_of([]).initiate();

let opened = 0;
export const new_id = () => `neg-${++opened}`;

/** Sends one message and gives the payload of the NEG-MSG that answers it. Throws NegError. */
export async function ask(connection, message) {
  const from = connection.messages.length;
  connection.send(message);
  const id = message[1];
  const answer = await connection.wait_for(
    () =>
      connection.messages
        .slice(from)
        .find(([verb, of]) => verb === 'NOTICE' || (verb.startsWith('NEG-') && of === id)),
    `an answer to ${JSON.stringify(message).slice(0, 300)}`,
  );
  if (answer[0] === 'NEG-MSG') return answer[2];
  if (answer[0] === 'NEG-ERR') throw new NegError(answer);
  throw new Error(`${message[0]} was answered with ${JSON.stringify(answer)}`);
}

export const open = (connection, filter, { id = new_id(), payload = NOTHING } = {}) =>
  ask(connection, ['NEG-OPEN', id, filter, payload]);
export const go_on = (connection, id, payload = NOTHING) =>
  ask(connection, ['NEG-MSG', id, payload]);

/** The ids that an answer names to somebody who has `events`; {have, need, next}. */
export function learn(answer, events = [], negentropy = negentropy_of(events)) {
  const [have, need] = [[], []];
  const next = negentropy.reconcile(
    answer,
    (id) => have.push(id),
    (id) => need.push(id),
  );
  return { have, need, next };
}

/** The whole of it: which of `events` the relay lacks, which of its own it names besides. Throws NegError. */
export async function reconcile(connection, filter, events = [], { frame_size } = {}) {
  const id = new_id();
  const negentropy = negentropy_of(events, frame_size);
  const [have, need] = [[], []];
  let rounds = 0;
  let answer = await open(connection, filter, { id, payload: negentropy.initiate() });
  for (;;) {
    rounds += 1;
    const learnt = learn(answer, events, negentropy);
    have.push(...learnt.have);
    need.push(...learnt.need);
    if (learnt.next === null) break;
    answer = await go_on(connection, id, learnt.next);
  }
  connection.send(['NEG-CLOSE', id]);
  return { have: have.sort(), need: need.sort(), rounds };
}

/** The ids of all that the relay names to somebody who has nothing. Throws NegError. */
export const named = async (connection, filter) => (await reconcile(connection, filter)).need;
