// Prints negentropy_vectors.h: exchanges between nostr-tools, which begins, and @nostr-dev-kit/sync, which answers (it
// writes some bounds with zeros behind that nobody needs). In a scratch folder:
//   npm install @nostr-dev-kit/sync@1.0.0 @nostr-dev-kit/ndk@3 nostr-tools@2.25.2
//   cp .../make_negentropy_vectors.mjs . && node make_negentropy_vectors.mjs > negentropy_vectors.h
// Item n has the id SHA-256("n") and the second 1700000000 + n / 4, rounded down: nothing here is random.
import { createHash } from 'node:crypto'
import { Negentropy, NegentropyStorage } from '@nostr-dev-kit/sync'
import { Negentropy as Initiator, NegentropyStorageVector } from './node_modules/nostr-tools/lib/esm/nip77.js' // not among its exports

const hex = bytes => Buffer.from(bytes).toString('hex')
const bytes = text => new Uint8Array(Buffer.from(text, 'hex'))
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i)
const id = n => createHash('sha256').update(String(n)).digest()
const time = n => 1700000000 + Math.floor(n / 4)

function sealed(storage, numbers, as) {
  for (const n of numbers) storage.insert(time(n), as(id(n)))
  storage.seal()
  return storage
}

/** Both sides' messages in turn, as hex, until the initiator has nothing more to ask. */
async function exchange(here, there) {
  const initiator = new Initiator(sealed(new NegentropyStorageVector(), here, hex))
  const responder = new Negentropy(sealed(new NegentropyStorage(), there, x => new Uint8Array(x)))
  const messages = []
  for (let next = initiator.initiate(); next; next = initiator.reconcile(messages.at(-1))) {
    const { nextMessage } = await responder.reconcile(bytes(next))
    messages.push(next, hex(nextMessage))
  }
  return messages
}

const without = (numbers, ...missing) => numbers.filter(n => !missing.includes(n))
const recordings = {
  nothing_and_nothing: [[], []],
  nothing_here: [[], range(0, 20)],
  nothing_there: [range(0, 20), []],
  a_list_each: [range(0, 25), range(5, 30)],
  the_same: [range(0, 100), range(0, 100)],
  fingerprints_and_a_list: [range(0, 20), range(0, 100)],
  one_lacking_there: [range(0, 200), without(range(0, 200), 77)],
  many_lacking: [without(range(0, 700), 1, 2, 350, 699), without(range(0, 700), 3, 90, 351, 352, 500)],
}

const literal = text => (text.match(/.{1,90}/g) ?? ['']).map(line => `\n    "${line}"`).join('')
console.log(`#pragma once
// Exchanges between the npm libraries nostr-tools 2.25.2 and @nostr-dev-kit/sync 1.0.0, made with
// make_negentropy_vectors.mjs (beside this file), as hex: the initiator's message, the answer, and so on. Item n has the
// id SHA-256("n") and the second 1700000000 + n / 4.
#include <string_view>
#include <vector>

namespace vectors {

struct Numbers {
  int first, end;               ///< without end
  std::vector<int> missing{};
};

struct Exchange {
  std::string_view name;
  Numbers here, there;  ///< the items of the initiator and of the responder
  std::vector<std::string_view> messages;
};

inline const std::vector<Exchange> negentropy_exchanges = {`)
const numbers = list => {
  if (list.length === 0) return '{0, 0}'
  const [first, end] = [list[0], list.at(-1) + 1]
  const missing = range(first, end).filter(n => !list.includes(n))
  return missing.length === 0 ? `{${first}, ${end}}` : `{${first}, ${end}, {${missing.join(', ')}}}`
}
for (const [name, [here, there]] of Object.entries(recordings)) {
  const messages = await exchange(here, there)
  console.log(`  {"${name}", ${numbers(here)}, ${numbers(there)}, {${messages.map(literal).join(',')}}},`)
}
console.log(`};

}  // namespace vectors`)
