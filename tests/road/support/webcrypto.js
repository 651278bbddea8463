// Node 18 has WebCrypto but no global for it; the MLS and Nostr libraries expect the global. Import this first.
import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto;
