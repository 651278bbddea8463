// Waiting that always ends: every promise of a test gets a deadline and a name for the message.

export const DEADLINE_MS = 10_000;

/** Settles as `promise` does, or fails with "waited N ms for WHAT"; `detail()` adds what was seen instead. */
export function within(promise, what, { ms = DEADLINE_MS, detail = () => '' } = {}) {
  let timer;
  const expired = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}${detail()}`)), ms);
  });
  return Promise.race([promise, expired]).finally(() => clearTimeout(timer));
}

/** Asks until `probe()` gives something truthy (a throw counts as "not yet"); gives it back. */
export async function eventually(probe, what, { ms = DEADLINE_MS, every_ms = 10 } = {}) {
  const end = Date.now() + ms;
  let last = '';
  while (Date.now() < end) {
    try {
      const answer = await probe();
      if (answer) return answer;
    } catch (error) {
      last = `; last: ${error.message}`;
    }
    await new Promise((resolve) => setTimeout(resolve, every_ms));
  }
  throw new Error(`waited ${ms} ms for ${what}${last}`);
}
