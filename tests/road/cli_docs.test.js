// docs/cli.md against the program: every verb and option is on the page, none other is, and its examples run.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';

import { within } from './support/deadline.js';
import { sign_once } from './support/event.js';
import { BINARY, free_port, run, temporary_folder, to_toml } from './support/relay.js';
import { lines_of } from './support/store.js';

const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
/** {verb: its section} */
const sections = Object.fromEntries(
  [...page.matchAll(/^## ([a-z-]+)\n(.*?)(?=^## |(?![^]))/gms)].map(([, verb, text]) => [verb, text]),
);
const options_in = (text) => new Set(text.match(/--[a-z][a-z-]+/g) ?? []);
// Named once for all verbs, at the top of the page.
const common = new Set(['--help', '--config', '--version']);

test('the page has every verb, and no other', async () => {
  const { stdout } = await run(['--help']);
  const verbs = [...stdout.split('Subcommands:')[1].matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name);
  const undocumented = verbs.filter((name) => !(name in sections) && !page.includes(`(${name}.md`));
  assert.deepEqual(undocumented, []);
  for (const name of Object.keys(sections)) assert.ok(verbs.includes(name), name);
});

for (const [name, text] of Object.entries(sections)) {
  test(`${name}: the page and --help name the same options`, async () => {
    const { code, stdout } = await run([name, '--help']);
    assert.equal(code, 0);
    const wanted = [...options_in(stdout)].filter((option) => !common.has(option));
    const named = [...options_in(text)].filter((option) => !common.has(option));
    assert.deepEqual(named.sort(), wanted.sort());
  });
}

test('the examples run, one after the other', async (t) => {
  const folder = await temporary_folder(t);
  await mkdir(join(folder, 'config'));
  const config = { server: { port: await free_port() }, data: { path: './data' } };
  await writeFile(join(folder, 'config', 'mls-gateway.toml'), to_toml(config));
  await writeFile(join(folder, 'config', 'other.toml'), to_toml({ data: { path: './other' } }));
  await writeFile(join(folder, 'events.jsonl'), lines_of([sign_once(), sign_once({ kind: 7 })]));
  await mkdir(join(folder, 'bin'));
  await symlink(resolve(BINARY), join(folder, 'bin', 'mls-gateway')); // whatever its name
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  // What takes events in comes first on the page.
  const commands = blocks.join('').split('\n').filter(Boolean);
  assert.ok(commands.length > 10);
  for (const command of commands) {
    const child = spawn('sh', ['-c', command], {
      cwd: folder,
      env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const [code] = await within(once(child, 'close'), `${command} to end`);
    assert.equal(code, 0, `${command}: ${stderr}`);
  }
});
