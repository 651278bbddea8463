// What can befall several gateways on one store while people publish and listen on all of them: whatever it is, everything
// is accounted for afterwards.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { eventually } from './deadline.js';
import { Load } from './load.js';
import { Random } from './random.js';

const GROWTH_MB = 64;

export const readiness = async (gateway) => (await gateway.get('/readyz')).status;

async function memory_mb(gateway) {
  const status = await readFile(`/proc/${gateway.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) / 1024;
}

export class Ordeal {
  fleet; // to be set before the tests run, as
  records; // what the store itself says is kept: postgres_records.js, firestore_records.js
  #settled_mb;

  constructor({ seed, longest_answer_ms }) {
    Object.assign(this, { seed, longest_answer_ms });
  }

  async #all_are(wanted) {
    const all = await Promise.all(this.fleet.gateways.map(readiness));
    return all.every((status) => status === wanted);
  }

  seen_by_all() {
    return eventually(() => this.#all_are(503), 'the gateways to see it', { ms: 15_000 });
  }

  ready_again() {
    return eventually(() => this.#all_are(200), 'all gateways to be ready again', { ms: 15_000 });
  }

  /**
   * A test: `deed` befalls them while they are busy; then they go on, and everything is accounted for. `lost`: gateways
   * whose subscribers it cuts off.
   */
  under_load(name, deed, { lost = [] } = {}) {
    test(`${name}, seed ${this.seed}`, { timeout: 60_000 }, async (t) => {
      const load = await Load.begin(this.fleet, { seed: this.seed });
      t.after(() => load.stop());
      await load.progress(40);
      this.#settled_mb ??= await Promise.all(this.fleet.gateways.map(memory_mb));
      await deed(load, new Random(this.seed));
      await load.progress(40);
      await this.ready_again();
      await load.end();
      const kept = await load.account(this.records, { lost });
      assert.ok(load.slowest_ms < this.longest_answer_ms, `an answer took ${load.slowest_ms} ms`);
      t.diagnostic(`${this.#said(load, kept)}, grown by ${await this.#growth()} MB`);
    });
  }

  async #growth() {
    const memory = await Promise.all(this.fleet.gateways.map(memory_mb));
    const growth = memory.map((mb, n) => Math.round(mb - this.#settled_mb[n]));
    assert.ok(Math.max(...growth) < GROWTH_MB, `grown by ${growth} MB`);
    return growth;
  }

  #said(load, kept) {
    const reasons = new Set(load.refusals.map(({ answer }) => answer.reason));
    return (
      `SEED=${this.seed}: ${load.sent.size} sent, ${load.oks} OK, ${load.refusals.length} error: ` +
      `(${[...reasons].join(' | ')}), ${kept} kept, slowest ${Math.round(load.slowest_ms)} ms`
    );
  }
}
