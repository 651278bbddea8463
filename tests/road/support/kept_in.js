// Where relays of a test keep what they store, unless the test says so itself: GATEWAY_STORE=postgres puts each of them
// into a schema of its own on a server that all of a test file share; without it they have folders.
import { Postgres } from './postgres.js';

/** Others may have the same store open: what is said of folders that only one process has does not hold. */
export const IS_SHARED = Boolean(process.env.GATEWAY_STORE);

let starting;

/** The server of this test file; it goes with the process. */
export function shared_postgres() {
  starting ??= Postgres.start({ fsync: false, settings: ['max_connections=400'] }).then((postgres) => {
    process.once('exit', () => postgres.stop_now());
    return postgres;
  });
  return starting;
}

export const on_postgres = (url) => ({ storage_backend: 'postgres', database_url: url });

/** Keys of [extensions.mls_gateway] for one more relay. */
export async function kept_in() {
  if (!IS_SHARED) return { storage_backend: 'lmdb' };
  const postgres = await shared_postgres();
  return on_postgres((await postgres.schema()).url);
}
