// The image of the Dockerfile without a container engine: its runtime stage assembled in a folder, and run there.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { eventually, within } from './deadline.js';
import { BINARY, run } from './relay.js';

const tree = fileURLToPath(new URL('../../../', import.meta.url));
const output_of = async (...command) => (await promisify(execFile)(command[0], command.slice(1))).stdout;

export const is_root = process.getuid() === 0;
/** Root of a machine may make them, root of a container perhaps not. */
const own_processes = ['--pid', '--fork', '--kill-child', '--mount-proc'];
export const has_own_processes =
  is_root && spawnSync('unshare', [...own_processes, 'true']).status === 0;

/** The instructions of the stage that becomes the image: [["RUN", "…"], …]. */
async function last_stage() {
  const text = (await readFile(join(tree, 'Dockerfile'), 'utf8')).replace(/^#.*\n/gm, '');
  const instructions = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.match(/^(\S+)\s+(.*)$/).slice(1));
  return instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
}

/** What the Dockerfile says of the image, as far as it concerns who runs it. */
export async function read_image() {
  const stage = await last_stage();
  const all = (name) => stage.filter((each) => each[0] === name).map((each) => each[1]);
  const [commands] = all('RUN');
  return {
    packages: commands.match(/--no-install-recommends(.*?)&&/)[1].trim().split(/\s+/),
    user: commands.match(/useradd .* (\S+)\s+&&/)[1],
    uid: Number(commands.match(/--uid (\d+)/)[1]),
    runs_as: all('USER').at(-1),
    folders: [...commands.matchAll(/install -d -o \S+ -g \S+ -m 0700 (\S+)/g)].map((match) => match[1]),
    copies: all('COPY').map((words) => words.split(/\s+/).filter((word) => !word.startsWith('--'))),
    workdir: all('WORKDIR').at(-1),
    env: Object.fromEntries(all('ENV').join(' ').trim().split(/\s+/).map((pair) => pair.split('='))),
    entrypoint: JSON.parse(all('ENTRYPOINT').at(-1)),
    command: JSON.parse(all('CMD').at(-1)),
    healthcheck: JSON.parse(all('HEALTHCHECK').at(-1).match(/CMD (.*)$/)[1]),
    stop_signal: all('STOPSIGNAL').at(-1),
  };
}

/** Paths of all shared libraries of the binary, the loader included. */
export const libraries = async () =>
  [...(await output_of('ldd', BINARY)).matchAll(/^\s+(?:\S+ => )?(\/\S+)/gm)].map((match) => match[1]);

/** Names of those that the binary itself asks for. */
export const named_libraries = async () =>
  [...(await output_of('objdump', '-p', BINARY)).matchAll(/NEEDED\s+(\S+)/g)].map((match) => match[1]);

/** The Debian package of a library, without its architecture. */
export async function package_of(library) {
  // Some packages know their files by the path from before /lib became /usr/lib.
  const file = await realpath(library);
  for (const path of [file, file.replace(/^\/usr/, ''), library]) {
    const { code, stdout } = await run(['-S', path], { program: 'dpkg' });
    if (code === 0) return stdout.split(':')[0];
  }
  throw new Error(`no package has ${library}`);
}

/** With these packages come all that they depend on. */
export async function with_dependencies(packages) {
  const depends = new Map();
  const listed = await output_of('dpkg-query', '-W', '-f', '${Package}\t${Pre-Depends},${Depends}\n');
  for (const line of listed.split('\n').filter(Boolean)) {
    const [name, needs] = line.split('\t');
    depends.set(name, needs.split(/[,|]/).map((need) => need.trim().split(/[ :]/)[0]));
  }
  const found = new Set();
  const visit = (name) => {
    if (found.has(name) || !depends.has(name)) return;
    found.add(name);
    depends.get(name).forEach(visit);
  };
  packages.forEach(visit);
  return found;
}

/** The image's files in `root`, as far as the relay needs them. */
async function assemble(root, image) {
  const { uid, user, workdir } = image;
  await chmod(root, 0o755);
  const inside = (path) => join(root, path.startsWith('/') ? path : join(workdir, path));
  const bring = async (from, to) => {
    await mkdir(dirname(to), { recursive: true });
    await cp(from, to, { recursive: true, dereference: true });
  };
  for (const library of await libraries()) await bring(library, join(root, library));
  await bring('/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/ca-certificates.crt'));
  for (const [from, to] of image.copies) {
    await bring(from.endsWith('/mls-gateway') ? BINARY : join(tree, from), inside(to));
  }
  await writeFile(join(root, 'etc/passwd'), `${user}:x:${uid}:${uid}::/nonexistent:/usr/sbin/nologin\n`);
  await writeFile(join(root, 'etc/group'), `${user}:x:${uid}:\n`);
  await mkdir(join(root, 'proc'));
  for (const folder of image.folders) {
    await mkdir(inside(folder), { recursive: true });
    await chmod(inside(folder), 0o700);
    if (is_root) await chown(inside(folder), uid, uid);
  }
}

/**
 * A container of the image: as root in a chroot, with process numbers of its own where that may be; else in the folder
 * only.
 */
export class Container {
  #child;
  #log = '';

  /** `root`: an empty folder. */
  static async of(t, root, env = {}) {
    const container = new Container();
    container.root = root;
    container.image = await read_image();
    container.env = env;
    await assemble(root, container.image);
    t.after(() => container.#child?.kill('SIGKILL'));
    return container;
  }

  get log() {
    return this.#log;
  }
  get #environment() {
    const { env, folders } = this.image;
    const path = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
    if (is_root) return { ...path, ...env, ...this.env };
    return { ...path, ...env, MLS_GATEWAY_DATA_PATH: join(this.root, folders[0]), ...this.env };
  }

  /** The words that run `args` of the binary inside. */
  async #inside(args) {
    const { uid, workdir } = this.image;
    const binary = '/usr/local/bin/mls-gateway';
    if (is_root) {
      return ['unshare', `--root=${this.root}`, `--wd=${workdir}`, `--setuid=${uid}`, `--setgid=${uid}`,
        ...(has_own_processes ? own_processes : []), binary, ...args]; // prettier-ignore
    }
    const paths = await libraries();
    const loader = paths.find((path) => path.includes('/ld-linux'));
    const folders = [...new Set(paths.map((path) => join(this.root, dirname(path))))].join(':');
    return ['env', '-C', join(this.root, workdir), join(this.root, loader), '--library-path', folders,
      join(this.root, binary), ...args]; // prettier-ignore
  }

  /** Runs the image's command, or `args` instead; back when `ready()` is true. */
  async start(ready, args = this.image.command) {
    const words = await this.#inside(args);
    this.#log = '';
    this.#child = spawn(words[0], words.slice(1), {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on('data', (chunk) => (this.#log += chunk));
    const ended = once(this.#child, 'close').then(() => {
      throw new Error(`the container ended:\n${this.#log}`);
    });
    ended.catch(() => {});
    await Promise.race([ended, eventually(ready, 'the container to be ready')]);
  }

  /** The number of the relay's process outside; inside it is 1. */
  async pid() {
    const { pid } = this.#child;
    if (!has_own_processes) return pid;
    return Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  }

  /** Another process in the container: {code, output}. */
  async exec([, ...args]) {
    const words = await this.#inside(args);
    return run(words.slice(1), { program: words[0], env: this.#environment });
  }

  /** As docker stop: the signal to process 1, and its exit code. */
  async stop() {
    const closed = once(this.#child, 'close');
    process.kill(await this.pid(), this.image.stop_signal);
    const [code] = await within(closed, `the container to end after ${this.image.stop_signal}`);
    return code;
  }
}
