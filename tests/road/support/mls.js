// MLS itself (RFC 9420), with ts-mls: key packages, groups, messages; bytes in, bytes out. Knows nothing of Nostr.
import './webcrypto.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import {
  acceptAll,
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  defaultCapabilities,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackage,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  mlsExporter,
  processMessage,
} from 'ts-mls';
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js';

export const SUITE = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519';
const suite = await getCiphersuiteImpl(getCiphersuiteFromName(SUITE));
const DAY_S = 86_400n;

function decode(bytes, wireformat) {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  if (message?.wireformat !== wireformat)
    throw new Error(`expected ${wireformat}, got ${message?.wireformat}`);
  return message;
}

/** A key package with the account's public key as basic credential, valid for 28 days around now. */
export async function new_key_package(pubkey) {
  const now = BigInt(Math.floor(Date.now() / 1000));
  const { publicPackage, privatePackage } = await generateKeyPackage(
    { credentialType: 'basic', identity: hexToBytes(pubkey) },
    defaultCapabilities(),
    { notBefore: now - DAY_S, notAfter: now + 27n * DAY_S },
    [],
    suite,
  );
  return {
    publicPackage,
    privatePackage,
    bytes: encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_key_package',
      keyPackage: publicPackage,
    }),
    ref: Buffer.from(await makeKeyPackageRef(publicPackage, suite.hash)).toString('hex'),
  };
}

/** One member's view of a group; changes in place as messages come and go. */
export class Group {
  #state;

  constructor(state) {
    this.#state = state;
  }

  static async create(id, { publicPackage, privatePackage }) {
    return new Group(
      await createGroup(new TextEncoder().encode(id), publicPackage, privatePackage, [], suite),
    );
  }

  static async join(welcome, { publicPackage, privatePackage }) {
    const { welcome: body } = decode(welcome, 'mls_welcome');
    return new Group(await joinGroup(body, publicPackage, privatePackage, emptyPskIndex, suite));
  }

  get epoch() {
    return Number(this.#state.groupContext.epoch);
  }

  /** Adds the owners of key packages in one commit; gives what to send: {commit, welcome}. */
  async add(...key_packages) {
    const extraProposals = key_packages.map((bytes) => ({
      proposalType: 'add',
      add: { keyPackage: decode(bytes, 'mls_key_package').keyPackage },
    }));
    const { newState, commit, welcome } = await createCommit(
      { state: this.#state, cipherSuite: suite },
      { extraProposals, ratchetTreeExtension: true },
    );
    this.#state = newState;
    return {
      commit: encodeMlsMessage(commit),
      welcome: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome }),
    };
  }

  /** Removes the member with this account key; gives the commit to send. */
  async remove(pubkey) {
    const removed = this.#leaf_of(pubkey);
    const { newState, commit } = await createCommit(
      { state: this.#state, cipherSuite: suite },
      { extraProposals: [{ proposalType: 'remove', remove: { removed } }] },
    );
    this.#state = newState;
    return encodeMlsMessage(commit);
  }

  #leaf_of(pubkey) {
    const identity = (node) =>
      node?.nodeType === 'leaf' && Buffer.from(node.leaf.credential.identity).toString('hex');
    const index = this.#state.ratchetTree.findIndex((node) => identity(node) === pubkey);
    if (index < 0) throw new Error('no such member in this group');
    return index / 2; // leaves are the even nodes of the tree (RFC 9420, appendix C)
  }

  /** Commits fresh keys for this member (an empty commit with a path). */
  async refresh() {
    const { newState, commit } = await createCommit({ state: this.#state, cipherSuite: suite }, {});
    this.#state = newState;
    return encodeMlsMessage(commit);
  }

  async encrypt(text) {
    const { newState, privateMessage } = await createApplicationMessage(
      this.#state,
      new TextEncoder().encode(text),
      suite,
    );
    this.#state = newState;
    return encodeMlsMessage({
      version: 'mls10',
      wireformat: 'mls_private_message',
      privateMessage,
    });
  }

  /** The text of an application message; null for a commit, which is applied. */
  async receive(bytes) {
    const message = decode(bytes, 'mls_private_message');
    const result = await processMessage(message, this.#state, emptyPskIndex, acceptAll, suite);
    this.#state = result.newState;
    return result.kind === 'applicationMessage' ? new TextDecoder().decode(result.message) : null;
  }

  /** A secret that only the members of this epoch have (RFC 9420, section 8.5). */
  export_secret(label, context, length) {
    const secret = this.#state.keySchedule.exporterSecret;
    return mlsExporter(secret, label, new TextEncoder().encode(context), length, suite);
  }
}
