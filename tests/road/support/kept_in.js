// Where relays of a test keep what they store, unless the test says so itself: GATEWAY_STORE=postgres puts each of them
// into a schema of its own on a server that all of a test file share, GATEWAY_STORE=firestore each into a project of its
// own on a fake Firestore (or on what FIRESTORE_EMULATOR_HOST names); without it they have folders.
import { randomBytes } from 'node:crypto';

import { Postgres } from './postgres.js';

const kind = process.env.GATEWAY_STORE || 'lmdb';

/** Others may have the same store open: what is said of folders that only one process has does not hold. */
export const IS_SHARED = kind !== 'lmdb';

/** Tests that can do with either run on several gateways of one store. */
export const IS_FLEET = kind.endsWith('fleet');

let starting;

/** The server of this test file; it goes with the process. */
function shared_postgres() {
  starting ??= Postgres.start({ fsync: false, settings: ['max_connections=400'] }).then((postgres) => {
    process.once('exit', () => postgres.stop_now());
    return postgres;
  });
  return starting;
}

/** Gateways find it as the official clients do: in FIRESTORE_EMULATOR_HOST, which they inherit. */
async function shared_firestore() {
  if (process.env.FIRESTORE_EMULATOR_HOST) return;
  const { FakeFirestore } = await import('./fake_firestore.js'); // it needs relay.js, which needs this file
  starting ??= FakeFirestore.start();
  process.env.FIRESTORE_EMULATOR_HOST = (await starting).host;
}

export const on_postgres = (url) => ({ storage_backend: 'postgres', database_url: url });
export const on_firestore = (project) => ({ storage_backend: 'firestore', project_id: project });

/** Keys of [extensions.mls_gateway] for a store that is new, and that several gateways can have at once. */
export async function shared_store() {
  if (!kind.startsWith('firestore')) return on_postgres((await (await shared_postgres()).schema()).url);
  await shared_firestore();
  return on_firestore(`road-${randomBytes(8).toString('hex')}`);
}

/** The same for one more relay. */
export const kept_in = async () => (IS_SHARED ? shared_store() : { storage_backend: 'lmdb' });
