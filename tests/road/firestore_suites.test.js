// The suites that hold the relay to its rules, once more on Firestore: one gateway on it, and three of them with every
// connection going to the next one; and those of three gateways. It is the fake of ../fake_firestore;
// FIRESTORE_EMULATOR_JAR=<cloud-firestore-emulator.jar> takes Google's emulator besides (Java needed).
import { describe } from 'node:test';

import { Emulator } from './support/fake_firestore.js';
import { test_suites } from './support/suites.js';

describe('on Firestore', () => test_suites(['adversary', 'property'], () => ({ GATEWAY_STORE: 'firestore' })));
describe('on three gateways of one Firestore', () =>
  test_suites(['adversary', 'races', 'instances', 'instances_removal'], () => ({ GATEWAY_STORE: 'firestore-fleet' })));

if (Emulator.jar) {
  describe('on the official emulator', () =>
    test_suites(['adversary'], async (t) => ({
      GATEWAY_STORE: 'firestore',
      FIRESTORE_EMULATOR_HOST: (await Emulator.of(t)).host,
    })));
} else {
  console.warn('NOT RUN: adversary on the official emulator, for want of FIRESTORE_EMULATOR_JAR');
}
