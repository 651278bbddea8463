// Random choices that a seed brings back.

/** mulberry32: 32 bits of state, enough to choose test cases with. */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In [0, below). */
  integer(below) {
    return Math.floor(this.fraction() * below);
  }

  chance(probability) {
    return this.fraction() < probability;
  }

  one_of(list) {
    return list[this.integer(list.length)];
  }

  /** Between 1 and `most` different ones, in the order of the list. */
  some_of(list, most = list.length) {
    const count = 1 + this.integer(Math.min(most, list.length));
    const rest = [...list];
    while (rest.length > count) rest.splice(this.integer(rest.length), 1);
    return rest;
  }
}
