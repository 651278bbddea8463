// Kind 450: what an admin says about who belongs to a group.
import { sign } from './event.js';

const pubkey_of = (key) => key.pubkey ?? key;

/** `p`: people or public keys; `tags` follow the usual ones. `leave` needs no `seq`. */
export function roster(author, h, op, { seq, p = [], name, tags = [], ...rest } = {}) {
  return sign(author, {
    kind: 450,
    tags: [
      ['h', h],
      ...(seq === undefined ? [] : [['seq', String(seq)]]),
      ['op', op],
      ...p.map((key) => ['p', pubkey_of(key)]),
      ...(name === undefined ? [] : [['name', name]]),
      ...tags,
    ],
    content: '',
    ...rest,
  });
}
