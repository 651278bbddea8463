// The suites that hold the relay to its rules, once more on PostgreSQL: one gateway on it, and three of them with every
// connection going to the next one. SEED=… and ROUNDS=… are the property test's.
import { describe } from 'node:test';

import { test_suites } from './support/suites.js';

const stores = { postgres: 'on PostgreSQL', fleet: 'on three gateways of one PostgreSQL' };

for (const [GATEWAY_STORE, where] of Object.entries(stores))
  describe(where, () => test_suites(['adversary', 'property', 'races'], () => ({ GATEWAY_STORE })));
