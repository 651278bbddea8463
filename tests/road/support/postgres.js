// A PostgreSQL of a test's own (Debian's package), on a Unix socket alone: start, stop, restart, freeze, kill.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { eventually } from './deadline.js';

const SCRIPT = fileURLToPath(new URL('../../support/postgres_cluster.sh', import.meta.url));

/** A session may have ended meanwhile. */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

export class Postgres {
  #folder;

  #schemas = 0;

  /** `fsync`: what is committed outlives the machine, not the process alone; `settings`: of the server, as "name=value". */
  static async start({ fsync = true, settings = [] } = {}) {
    const postgres = new Postgres();
    postgres.#folder = await mkdtemp(join(tmpdir(), 'mls-gateway-road-'));
    postgres.url = await postgres.#control('start', `fsync=${fsync ? 'on' : 'off'}`, ...settings);
    return postgres;
  }

  /** For one test; it goes when the test ends, whatever its end. */
  static async of(t, options) {
    const postgres = await Postgres.start(options);
    t.after(() => postgres.stop());
    return postgres;
  }

  async #control(verb, ...settings) {
    const { stdout } = await promisify(execFile)(SCRIPT, [verb, this.#folder, ...settings]);
    return stdout.trim();
  }

  /** Runs statements in one transaction; the rows of the last one, columns between "|". */
  async sql(statements) {
    const text = await this.#control('sql', statements);
    return text ? text.split('\n') : [];
  }

  /** A schema of its own for a store, empty: {name, url}. */
  async schema() {
    const name = `store_${++this.#schemas}`;
    await this.sql(`CREATE SCHEMA ${name}`);
    return { name, url: `${this.url}&options=-csearch_path%3D${name}` };
  }

  /** The ids of its processes, the postmaster's first. */
  async #pids() {
    return (await this.#control('pids')).split(/\s+/).map(Number);
  }

  /** Signals every process, the postmaster first, so that it starts no others; the ids of all. */
  async #signal(name) {
    const [postmaster] = await this.#pids();
    process.kill(postmaster, name);
    const pids = await this.#pids();
    for (const pid of pids.slice(1)) send(pid, name);
    return pids;
  }

  /** No file grows beyond `bytes`, as on a full disk; "unlimited": there is room again. */
  async limit(bytes) {
    await this.#control('limit', String(bytes));
  }

  /** From then on nothing is answered and no connection ends. */
  freeze() {
    return this.#signal('SIGSTOP');
  }

  async thaw() {
    await this.#signal('SIGCONT');
  }

  /** Ends it without any farewell, as a machine that fails; restart() brings it back. */
  async kill() {
    const pids = await this.#signal('SIGSTOP');
    for (const pid of pids) send(pid, 'SIGKILL');
    await eventually(
      () => pids.every((pid) => !existsSync(`/proc/${pid}`)),
      'the processes of PostgreSQL to end',
    );
  }

  /** Ends every session, and starts again on the same data. */
  async restart() {
    await this.#control('restart');
  }

  /** What a process can do at its very end, when it cannot wait any more: stop(). */
  stop_now() {
    execFileSync(SCRIPT, ['stop', this.#folder]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Ends it and removes its data, frozen or killed as it may be. */
  async stop() {
    await this.thaw().catch(() => {}); // killed: there is nobody to thaw
    await this.#control('stop');
    await rm(this.#folder, { recursive: true, force: true });
  }
}
