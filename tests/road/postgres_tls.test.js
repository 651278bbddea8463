// PostgreSQL over TCP and TLS, as Cloud SQL is without its socket.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { make_certificate } from './support/certificate.js';
import { sign_once } from './support/event.js';
import { on_postgres } from './support/kept_in.js';
import { Postgres } from './support/postgres.js';
import { free_port, Relay, run, temporary_folder } from './support/relay.js';

/** A server that speaks TLS on a port of localhost, and its certificate. */
async function server_with_tls(t) {
  const folder = await temporary_folder(t);
  const { tls_cert, tls_key } = await make_certificate(folder, 'server', 'DNS:localhost');
  await promisify(execFile)('chmod', ['755', folder]);
  if (process.getuid() === 0) await promisify(execFile)('chown', ['postgres', tls_key]);
  const port = await free_port();
  const settings = [
    "listen_addresses='localhost'",
    `port=${port}`,
    'ssl=on',
    `ssl_cert_file='${tls_cert}'`,
    `ssl_key_file='${tls_key}'`,
  ];
  await Postgres.of(t, { fsync: false, settings });
  return { port, certificate: tls_cert, folder };
}

const url_of = (port, certificate) =>
  `postgresql://relay:not-to-be-shown@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=${certificate}`;

test('a database that proves its name by a certificate is used over TLS', async (t) => {
  const { port, certificate } = await server_with_tls(t);
  const relay = await Relay.of(t, { 'extensions.mls_gateway': on_postgres(url_of(port, certificate)) });
  const connection = await relay.connect();
  const event = sign_once({ content: 'over TLS' });
  assert.ok((await connection.publish(event)).accepted);
});

test('a database with another certificate is refused, and the password is not told', async (t) => {
  const { port, folder } = await server_with_tls(t);
  const { tls_cert: another } = await make_certificate(folder, 'another', 'DNS:localhost');
  const config = join(folder, 'nothing.toml');
  await writeFile(config, '');
  const env = {
    MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_STORAGE_BACKEND: 'postgres',
    MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_DATABASE_URL: url_of(port, another),
    MLS_GATEWAY_EXTENSIONS_MLS_GATEWAY_DATABASE_TIMEOUT_S: '3',
    PORT: String(await free_port()),
  };
  const ended = await run(['relay', '-c', config], { env });
  assert.equal(ended.code, 1);
  assert.match(ended.output, /Failed to connect to database: /);
  assert.doesNotMatch(ended.output, /not-to-be-shown/);
});
