// Prints vectors.h: key packages as the npm library ts-mls makes them. In a scratch folder:
//   npm install ts-mls@1.6.4 @noble/curves@2.0.1 @hpke/chacha20poly1305@1.8.0 @hpke/dhkem-x448@1.8.0
//   cp .../make_vectors.mjs . && node make_vectors.mjs > vectors.h
// Keys are random: a new run makes new vectors, which the tests must accept as well.
import { createHash } from 'node:crypto'
import {
  defaultCapabilities, encodeMlsMessage, generateKeyPackage, getCiphersuiteFromName,
  getCiphersuiteImpl,
} from 'ts-mls'

const hex = bytes => Buffer.from(bytes).toString('hex')
const author = createHash('sha256').update('author').digest()
const lifetime = { notBefore: 1700000000n, notAfter: 1900000000n }
const lastResort = { extensionType: 0x000a, extensionData: new Uint8Array() }
const suites = [
  'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
  'MLS_128_DHKEMP256_AES128GCM_SHA256_P256',
  'MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519',
  'MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448',
  'MLS_256_DHKEMP521_AES256GCM_SHA512_P521',
  'MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448',
  'MLS_256_DHKEMP384_AES256GCM_SHA384_P384',
]

/** The library exports no encoder for a bare KeyPackage: it is the MLSMessage without its four leading bytes. */
async function make({ suite = 1, identity = author, extensions = [], life = lifetime, credential }) {
  const impl = await getCiphersuiteImpl(getCiphersuiteFromName(suites[suite - 1]))
  const { publicPackage } = await generateKeyPackage(
    credential ?? { credentialType: 'basic', identity }, defaultCapabilities(), life, extensions, impl)
  const message = encodeMlsMessage(
    { version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage })
  return hex(message.slice(4))
}

/** RefHash of RFC 9420 §5.2, made here with another hash library than the one under test. */
function reference(hash, packageHex) {
  const label = Buffer.from('MLS 1.0 KeyPackage Reference')
  const value = Buffer.from(packageHex, 'hex')
  const size = Buffer.from([0x40 | value.length >> 8, value.length & 0xff])
  return createHash(hash).update(Buffer.from([label.length])).update(label).update(size).update(value).digest('hex')
}

const hashes = ['sha256', 'sha256', 'sha256', 'sha512', 'sha512', 'sha512', 'sha384']
const vectors = {}
for (let suite = 1; suite <= 7; suite++) vectors[`suite_${suite}`] = await make({ suite })
const references = hashes.map((hash, i) => reference(hash, vectors[`suite_${i + 1}`]))
for (let suite = 1; suite <= 3; suite++) {
  vectors[`suite_${suite}_last_resort`] = await make({ suite, extensions: [lastResort] })
}
vectors.hex_identity = await make({ identity: Buffer.from(hex(author)) })
vectors.foreign_identity = await make({ identity: createHash('sha256').update('other').digest() })
vectors.expired = await make({ life: { notBefore: 1600000000n, notAfter: 1650000000n } })
vectors.x509 = await make({ credential: { credentialType: 'x509', certificates: [Buffer.from('3000', 'hex')] } })

const literal = text => text.match(/.{1,90}/g).map(line => `\n    "${line}"`).join('')
console.log(`#pragma once
// Key packages made by the npm library ts-mls 1.6.4 with make_vectors.mjs (beside this file): bare KeyPackages as hex.
// Lifetime ${lifetime.notBefore} to ${lifetime.notAfter} unless the name says otherwise.
#include <array>
#include <string_view>

namespace mls::vectors {

inline constexpr std::string_view author =${literal(hex(author))};
`)
for (const [name, value] of Object.entries(vectors)) {
  console.log(`inline constexpr std::string_view ${name} =${literal(value)};\n`)
}
console.log(`inline constexpr std::array all_suites = {suite_1, suite_2, suite_3, suite_4,
                                          suite_5, suite_6, suite_7};

/// KeyPackageRef of each suite's package.
inline constexpr std::array<std::string_view, 7> references = {`)
console.log(references.map(value => `${literal(value)},`).join('').slice(1))
console.log(`};

}  // namespace mls::vectors`)
