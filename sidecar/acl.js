#!/usr/bin/env node
// The reference ACL sidecar of mls-gateway: who is in which group, from a JSON file.
// README.md has the protocol.
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, renameSync, watchFile, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const KEY = `${'0'.repeat(63)}1`;
const HELP = `Usage: node acl.js --groups FILE [--port 8081] [--host 127.0.0.1] [--ttl 60]
                   [--token-env NAME]

Answers mls-gateway's question "is this key in this group?" from FILE, which is read again when it
changes or on SIGHUP: {"<group id>": {"<64 hex characters>": "admin" | "member"}}

  --ttl        seconds an answer may be kept
  --port       0 takes any that is free; the first line of output says which
  --token-env  the environment variable that holds a token: every request but /health then needs
               "Authorization: Bearer <token>", and PUT and DELETE change FILE

Example:
  echo '{"general":{"${KEY}":"admin"}}' > groups.json
  node acl.js --groups groups.json --port 8081 &
  curl http://127.0.0.1:8081/v1/groups/general/members/${KEY}
`;

const ROLES = ['admin', 'member'];
const MAX_BODY_BYTES = 1024;
const NOT_FOUND = [404, { error: 'no such thing; see sidecar/README.md' }];

function fail(message) {
  console.error(`acl.js: ${message}`);
  process.exit(2);
}

function options() {
  const text = { type: 'string' };
  const known = { port: text, host: text, groups: text, ttl: text, 'token-env': text };
  try {
    return parseArgs({ options: { ...known, help: { type: 'boolean' } } }).values;
  } catch (error) {
    return fail(`${error.message}; try --help`);
  }
}

function whole(text, name, most) {
  const number = Number(text);
  if (text === '' || !Number.isInteger(number) || number < 0 || number > most)
    fail(`--${name} must be a whole number from 0 to ${most}, not "${text}"`);
  return number;
}

function parse_json(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is not JSON'); // the parser would quote what it read
  }
}

const is_object = (value) =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const is_member = ([key, role]) => /^[0-9a-f]{64}$/.test(key) && ROLES.includes(role);

/**
 * Map of group id -> Map of key -> role, for "__proto__" is an id like any other; throws for
 * anything that is no such file. What is wrong is told without naming a group or a key.
 */
function read_groups(path) {
  const file = parse_json(readFileSync(path, 'utf8'));
  if (!is_object(file)) throw new Error('it must be an object of group ids');
  const groups = new Map();
  for (const [id, members] of Object.entries(file)) {
    if (!is_object(members) || !Object.entries(members).every(is_member))
      throw new Error(
        `group ${groups.size + 1} must be {"<64 lowercase hex characters>": "admin" | "member"}`,
      );
    groups.set(id, new Map(Object.entries(members)));
  }
  return groups;
}

/** Written beside and renamed: a crash leaves the old file or the new one. */
function write_groups(path, groups) {
  const entries = [...groups].map(([id, members]) => [id, Object.fromEntries(members)]);
  const text = JSON.stringify(Object.fromEntries(entries), null, 2);
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The path is split as it came: new URL() would resolve a group called "..". */
function parse_path(path) {
  const match = /^\/v1\/groups\/([^/?#]*)\/members\/([0-9a-f]{64})$/.exec(path);
  try {
    return match && { id: decodeURIComponent(match[1]), key: match[2] };
  } catch {
    return null; // not UTF-8
  }
}

async function read_body(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function role_in(body) {
  try {
    return JSON.parse(body).role;
  } catch {
    return undefined;
  }
}

class Sidecar {
  constructor({ path, ttl, token }) {
    Object.assign(this, { path, ttl, token });
    this.groups = read_groups(path);
  }

  /** A file that is wrong changes nothing: the last good one stays in force. */
  reload() {
    try {
      this.groups = read_groups(this.path);
    } catch (error) {
      console.error(`acl.js: the groups stay as they were; in the file: ${error.message}`);
    }
  }

  /** Digests have one length, which timingSafeEqual wants. */
  knows(request) {
    const digest = (text) => createHash('sha256').update(text).digest();
    const sent = request.headers.authorization ?? '';
    return timingSafeEqual(digest(sent), digest(`Bearer ${this.token}`));
  }

  /** [status, body] */
  async answer(request) {
    if (request.method === 'GET' && request.url === '/health') return [200, { ok: true }];
    if (this.token && !this.knows(request))
      return [401, { error: 'send "Authorization: Bearer <token>"' }];
    const asked = parse_path(request.url);
    if (!asked) return NOT_FOUND;
    if (request.method === 'GET') return this.look_up(asked);
    if (!this.token) return [403, { error: 'start with --token-env to allow changes' }];
    if (request.method === 'DELETE') return this.change(asked, null);
    if (request.method !== 'PUT') return [405, { error: 'GET, PUT or DELETE' }];
    const role = role_in(await read_body(request));
    if (ROLES.includes(role)) return this.change(asked, role);
    return [400, { error: 'send {"role":"admin"} or {"role":"member"}' }];
  }

  look_up({ id, key }) {
    const role = this.groups.get(id)?.get(key);
    return [200, role ? { member: true, role, ttl: this.ttl } : { member: false, ttl: this.ttl }];
  }

  /** On disk before in force. */
  change({ id, key }, role) {
    const groups = new Map(this.groups);
    const members = new Map(groups.get(id));
    if (role) members.set(key, role);
    else members.delete(key);
    if (members.size > 0) groups.set(id, members);
    else groups.delete(id);
    write_groups(this.path, groups);
    this.groups = groups;
    return [200, { ok: true }];
  }

  async handle(request, response) {
    let status = 500;
    let body = { error: 'the sidecar failed; its log says why' };
    try {
      [status, body] = await this.answer(request);
    } catch (error) {
      console.error(`acl.js: ${error.message}`);
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }
}

const given = options();
if (given.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (!given.groups) fail('--groups FILE is needed; try --help');
const token = given['token-env'] && process.env[given['token-env']];
if (given['token-env'] && !token)
  fail(`the environment variable ${given['token-env']} is empty; put the token there`);

const port = whole(given.port ?? '8081', 'port', 65_535);
const ttl = whole(given.ttl ?? '60', 'ttl', 86_400);
let sidecar;
try {
  sidecar = new Sidecar({ path: given.groups, ttl, token });
} catch (error) {
  fail(`${given.groups}: ${error.message}`);
}
watchFile(given.groups, { interval: 500 }, () => sidecar.reload());
process.on('SIGHUP', () => sidecar.reload());

const server = createServer((request, response) => sidecar.handle(request, response));
server.keepAliveTimeout = 65_000; // so that the gateway's next question needs no new connection
server.on('error', (error) => fail(`cannot listen: ${error.message}`));
server.listen(port, given.host ?? '127.0.0.1');
await once(server, 'listening');
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
const { address, family, port: taken } = server.address();
const host = family === 'IPv6' ? `[${address}]` : address;
console.log(JSON.stringify({ listening: `http://${host}:${taken}` }));
