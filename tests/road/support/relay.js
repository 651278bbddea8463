// The real relay as a process of its own: start, stop, kill, start again on the same data.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Connection } from './connection.js';
import { eventually, within } from './deadline.js';
import { kept_in } from './kept_in.js';

export const BINARY =
  process.env.GATEWAY_BINARY ??
  fileURLToPath(new URL('../../../build/release/mls-gateway', import.meta.url));

/** Characters of a log that are kept. */
export const KEPT_LOG = 1_000_000;

/** Config sections of a test relay; a test overrides keys by section. */
function default_config(port, data, storage) {
  return {
    server: { host: '127.0.0.1', port, workers: 2, drain_s: 0 },
    data: { path: data },
    auth: { enabled: true, required: false, pubkey_whitelist: [], relay_urls: [] },
    'extensions.mls_gateway': storage,
  };
}

/** TOML of `{section: {key: value}}`; JSON's numbers, strings, booleans and lists are TOML's. */
export function to_toml(config) {
  return Object.entries(config)
    .map(([section, keys]) => {
      const lines = Object.entries(keys).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
      return [`[${section}]`, ...lines, ''].join('\n');
    })
    .join('\n');
}

export async function free_port() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs the binary to its end: {code, signal, stdout, stderr, output}. */
export async function run(args, { env = {}, ms, program = BINARY } = {}) {
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => (text[name] += chunk));
  try {
    const [code, signal] = await within(
      once(child, 'close'),
      `mls-gateway ${args.join(' ')} to end`,
      { ms },
    );
    return { code, signal, ...text, output: text.stdout + text.stderr };
  } finally {
    child.kill('SIGKILL');
  }
}

/** A folder that is gone after the test. */
export async function temporary_folder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'mls-gateway-road-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export class Relay {
  under = []; // what the binary is run by: a command that execs the words behind it
  #child = null;
  #log = '';
  #stderr = '';
  #connections = new Set();

  /** `overrides`: {section: {key: value}}. */
  static async start(overrides = {}, { under = [] } = {}) {
    const relay = new Relay();
    relay.under = under;
    relay.folder = await mkdtemp(join(tmpdir(), 'mls-gateway-road-'));
    relay.port = await free_port();
    relay.config = default_config(relay.port, join(relay.folder, 'data'), await kept_in());
    for (const [section, keys] of Object.entries(overrides)) {
      relay.config[section] = { ...relay.config[section], ...keys };
    }
    try {
      await relay.resume();
    } catch (error) {
      await relay.remove();
      throw error;
    }
    return relay;
  }

  /** With a config file that ships; only port and data are other ones. */
  static async with_profile(name) {
    const relay = new Relay();
    relay.folder = await mkdtemp(join(tmpdir(), 'mls-gateway-road-'));
    relay.port = await free_port();
    relay.profile = fileURLToPath(new URL(`../../../config/${name}`, import.meta.url));
    relay.env = { PORT: String(relay.port), MLS_GATEWAY_DATA_PATH: join(relay.folder, 'data') };
    try {
      await relay.resume();
    } catch (error) {
      await relay.remove();
      throw error;
    }
    return relay;
  }

  /** A relay for one test; it goes when the test ends, whatever its end. */
  static async of(t, overrides, options) {
    const relay = await Relay.start(overrides, options);
    t.after(() => relay.remove());
    return relay;
  }

  /** "s" where the relay speaks TLS itself. */
  get #s() {
    return this.config?.server.tls_cert ? 's' : '';
  }
  get url() {
    return `ws${this.#s}://127.0.0.1:${this.port}`;
  }
  get http_url() {
    return `http${this.#s}://127.0.0.1:${this.port}`;
  }
  get pid() {
    return this.#child.pid;
  }
  get config_file() {
    return this.profile ?? join(this.folder, 'gateway.toml');
  }

  /** Starts the process on whatever data is there. */
  async resume() {
    if (!this.profile) await writeFile(this.config_file, to_toml(this.config));
    this.#log = '';
    this.#stderr = '';
    const command = [...this.under, BINARY, 'relay', '-c', this.config_file];
    const child = spawn(command[0], command.slice(1), {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (this.#log = (this.#log + chunk).slice(-KEPT_LOG)));
    }
    child.stderr.on('data', (chunk) => (this.#stderr = (this.#stderr + chunk).slice(-KEPT_LOG)));
    child.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const died = child.ended.then(({ code, signal }) => {
      throw new Error(`relay ended while starting (code ${code}, signal ${signal}):\n${this.#log}`);
    });
    died.catch(() => {});
    await Promise.race([died, eventually(() => this.#healthy(), 'the relay to be healthy')]);
  }

  async #healthy() {
    return (await this.get('/health')).status === 200;
  }

  /** GET, whatever the certificate: {status, headers, body}. `options` as of node:http. */
  async get(path, options = {}) {
    const { get } = this.#s ? https : http;
    const asked = get(`${this.http_url}${path}`, {
      rejectUnauthorized: false,
      agent: false,
      ...options,
    });
    const [answer] = await within(once(asked, 'response'), `an answer to GET ${path}`);
    let body = '';
    for await (const chunk of answer) body += chunk;
    return { status: answer.statusCode, headers: answer.headers, body };
  }

  /** Sends a signal; the relay may go on: {code, signal} once it has ended. */
  signal(name) {
    this.#child.kill(name);
    return this.#child.ended;
  }

  /** Sends a signal and waits for the end: {code, signal, log}. */
  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    child.kill(signal);
    const how = await within(child.ended, `the relay to end after ${signal}`);
    this.#child = null;
    return { ...how, log: this.#log };
  }

  /** What it has logged since it was started. */
  get log() {
    return this.#log;
  }

  /** Its log as objects; whatever is no line of JSON fails. */
  get log_lines() {
    const whole = this.#stderr.slice(0, this.#stderr.lastIndexOf('\n') + 1);
    return whole.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** Writes the file anew and, unless it is to notice by itself, sends SIGHUP; waits until `told` stands in the log. */
  async reconfigure(overrides, { signal = 'SIGHUP', told = /configuration reloaded/ } = {}) {
    for (const [section, keys] of Object.entries(overrides)) {
      this.config[section] = { ...this.config[section], ...keys };
    }
    const before = this.#log.length;
    await writeFile(this.config_file, to_toml(this.config));
    if (signal) this.#child.kill(signal);
    await eventually(() => told.test(this.#log.slice(before)), `the relay to log ${told}`);
  }

  async restart() {
    const { code, signal, log } = await this.stop();
    if (code !== 0)
      throw new Error(`relay ended with code ${code}, signal ${signal} on SIGTERM:\n${log}`);
    await this.resume();
  }

  /** A WebSocket on which `keys` (people or secrets) have been proved with NIP-42. */
  async connect(...keys) {
    const connection = await this.open();
    for (const key of keys) await connection.authenticate(key);
    return connection;
  }

  /** A WebSocket with the options of `ws`. */
  async open(options = {}, url = this.url) {
    const connection = await Connection.open(url, { rejectUnauthorized: false, ...options });
    this.#connections.add(connection);
    return connection;
  }

  /** The end of a test file: connections, process and data go. Fails if the relay does not stop cleanly. */
  async remove() {
    for (const connection of this.#connections) connection.terminate();
    let how = { code: 0 };
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null)
      how = await this.stop();
    await rm(this.folder, { recursive: true, force: true });
    if (how.code !== 0)
      throw new Error(`relay ended with code ${how.code}, signal ${how.signal}:\n${how.log}`);
  }
}
