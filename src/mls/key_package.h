#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "mls/cipher_suite.h"
#include "mls/labeled.h"
#include "mls/tls_reader.h"

namespace mls {

/// RFC 9420 §5.3. Other types have no encoding that could be skipped, so a leaf that bears one
/// cannot be read.
enum class CredentialType : std::uint16_t { basic = 1, x509 = 2 };

struct Credential {
  CredentialType type = CredentialType::basic;
  /// basic: the identity; x509: the encoded list of certificates.
  Bytes content;
};

/// What a client says it understands (§7.2): numbers of the IANA registries, in the order given,
/// GREASE included.
struct Capabilities {
  std::vector<std::uint16_t> versions, cipher_suites, extensions, proposals, credentials;
};

/// Seconds since 1970, both ends included (§7.2).
struct Lifetime {
  std::uint64_t not_before = 0, not_after = 0;
};

struct Extension {
  std::uint16_t type = 0;
  Bytes data;
};

/// A leaf node whose leaf_node_source is key_package (§7.2), the only one a key package may hold.
struct LeafNode {
  Bytes encryption_key, signature_key;
  Credential credential;
  Capabilities capabilities;
  Lifetime lifetime;
  std::vector<Extension> extensions;
  Bytes signature;
  Bytes to_be_signed;  ///< LeafNodeTBS: the encoding without its signature
};

/// A key package of protocol version mls10 (§10): a view of the bytes it was parsed from, which
/// must outlive it. Nothing says that its signatures hold until verify_signatures() has.
struct KeyPackage {
  CipherSuite cipher_suite{};
  Bytes init_key;
  LeafNode leaf;
  std::vector<Extension> extensions;
  Bytes signature;
  Bytes to_be_signed;  ///< KeyPackageTBS
  Bytes encoded;       ///< the KeyPackage alone, without the MLSMessage around it

  /// `last_resort`: may be used more than once.
  [[nodiscard]] bool is_last_resort() const;
  /// KeyPackageRef (§5.2), 32 to 64 bytes; nullopt for an unknown cipher suite.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> reference() const;
  [[nodiscard]] Verification verify_leaf_signature() const;
  [[nodiscard]] Verification verify_package_signature() const;
  /// Both signatures: valid only if each is.
  [[nodiscard]] Verification verify_signatures() const;
};

enum class KeyPackageError {
  malformed,  ///< truncated, a bad length, an empty key, an unknown credential type
  trailing_bytes,
  unsupported_version,
  other_message,  ///< an MLSMessage that holds something else
  wrong_leaf_node_source,
};

[[nodiscard]] std::string_view describe(KeyPackageError error);

/// Parses a KeyPackage, bare or inside an MLSMessage; all of `bytes` must be consumed. Pure and
/// thread-safe.
[[nodiscard]] std::expected<KeyPackage, KeyPackageError> parse_key_package(Bytes bytes);

}  // namespace mls
