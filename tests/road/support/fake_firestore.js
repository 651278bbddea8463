// Firestores for tests: the fake of tests/fake_firestore and, where its jar is, Google's emulator.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import { Firestore } from '@google-cloud/firestore';

import { eventually, within } from './deadline.js';
import { BINARY, free_port } from './relay.js';

// Else the client looks for Google's machines around it, and warns that there are none.
process.env.METADATA_SERVER_DETECTION ??= 'none';

const FAKE = process.env.FAKE_FIRESTORE_BINARY ?? join(dirname(BINARY), 'fake-firestore');

/** The official client, for the server at `host`; it is closed when the test ends. */
export function firestore_client(t, host, project = 'demo-road') {
  const before = process.env.FIRESTORE_EMULATOR_HOST;
  process.env.FIRESTORE_EMULATOR_HOST = host;
  const client = new Firestore({ projectId: project });
  if (before === undefined) delete process.env.FIRESTORE_EMULATOR_HOST;
  else process.env.FIRESTORE_EMULATOR_HOST = before;
  t.after(() => client.terminate());
  return client;
}

/** The fake as a process of its own; `order()` takes what control.h lists. */
export class FakeFirestore {
  #child;
  #lines;
  #answers = Promise.resolve();

  /** For one test; it goes when the test ends, whatever its end. */
  static async of(t) {
    const fake = new FakeFirestore();
    t.after(() => fake.stop());
    await fake.#listen();
    return fake;
  }

  /** For a whole test file: it goes with the process, and does not keep it from ending. */
  static async start() {
    const fake = new FakeFirestore();
    await fake.#listen();
    for (const held of [fake.#child, fake.#child.stdin, fake.#child.stdout]) held.unref();
    return fake;
  }

  async #listen() {
    this.#child = spawn(FAKE, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.host = (await this.#line()).replace('listening on ', '');
  }

  /** What the fake answers; an error: of its own is thrown. */
  order(command) {
    this.#answers = this.#answers.then(async () => {
      this.#child.stdin.write(`${command}\n`);
      const answer = await this.#line();
      if (answer.startsWith('error:')) throw new Error(`${command}: ${answer}`);
      return answer;
    });
    return this.#answers;
  }

  /** The number in the answer to `command`, of the name `name`. */
  async number(command, name = command.split(' ')[0]) {
    const words = (await this.order(command)).split(' ');
    return Number(words[words.indexOf(name) + 1]);
  }

  async #line() {
    const { value, done } = await within(this.#lines.next(), 'a line of fake-firestore');
    if (done) throw new Error('fake-firestore ended');
    return value;
  }

  /** SIGSTOP: nothing is answered and no connection ends, until SIGCONT. */
  signal(name) {
    this.#child.kill(name);
  }

  async stop() {
    this.signal('SIGCONT');
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}

/** Google's emulator: needs Java. */
export class Emulator {
  static jar = process.env.FIRESTORE_EMULATOR_JAR;

  static async of(t) {
    const emulator = new Emulator();
    const port = await free_port();
    emulator.host = `127.0.0.1:${port}`;
    const main = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';
    const words = [
      '-Duser.language=en',
      '-cp',
      Emulator.jar,
      main,
      '--host=127.0.0.1',
      `--port=${port}`,
    ];
    const child = spawn('java', words, { stdio: 'ignore' });
    t.after(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const answers = async () => (await fetch(`http://${emulator.host}/`)).ok;
    await eventually(answers, 'the emulator to listen', { ms: 60_000, every_ms: 100 });
    return emulator;
  }
}
