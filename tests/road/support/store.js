// The verbs on a store, as an operator runs them: the real binary, its stdin, stdout, stderr and exit code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { within } from './deadline.js';
import { kept_in } from './kept_in.js';
import { BINARY, free_port, temporary_folder, to_toml } from './relay.js';

/** Runs a verb to its end: {code, signal, stdout, stderr, bytes}; `input` goes to its stdin. */
export async function verb(args, { input = '', wrap = [] } = {}) {
  const [command, ...rest] = [...wrap, BINARY, ...args];
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
  const chunks = [];
  let stderr = '';
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(input);
  try {
    const [code, signal] = await within(once(child, 'close'), `mls-gateway ${args.join(' ')} to end`, {
      ms: 60_000,
    });
    const bytes = Buffer.concat(chunks);
    return { code, signal, stdout: bytes.toString(), stderr, bytes };
  } finally {
    child.kill('SIGKILL');
  }
}

/** A config file with a folder of its own and no relay on it. */
export async function store_of(t, overrides = {}) {
  const folder = await temporary_folder(t);
  const config = {
    server: { host: '127.0.0.1', port: await free_port() },
    data: { path: join(folder, 'data') },
    ...overrides,
    'extensions.mls_gateway': { ...(await kept_in()), ...overrides['extensions.mls_gateway'] },
  };
  const file = join(folder, 'gateway.toml');
  await writeFile(file, to_toml(config));
  const on = (name, args, options) => verb([name, '-c', file, ...args], options);
  return {
    folder,
    file,
    data: config.data.path,
    import: (input, ...args) => on('import', args, { input }),
    export: (...args) => on('export', args),
    run: on,
  };
}

export const lines_of = (events) => events.map((event) => `${JSON.stringify(event)}\n`).join('');
export const events_in = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
