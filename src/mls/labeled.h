#pragma once
// The labelled operations of RFC 9420 §5, for the suites of its §17.1, on OpenSSL.
// Pure and thread-safe; malformed keys and signatures are ordinary input.
#include <optional>
#include <string_view>
#include <vector>

#include "mls/cipher_suite.h"
#include "mls/tls_reader.h"

namespace mls {

/// RefHash (§5.2) with the suite's hash; nullopt for a suite without a name.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> ref_hash(CipherSuite suite,
                                                                std::string_view label,
                                                                Bytes value);

enum class Verification { valid, invalid, unsupported_suite };

/// VerifyWithLabel (§5.1.2): `label` without its "MLS 1.0 ", `key` as it stands in a leaf node.
[[nodiscard]] Verification verify_with_label(CipherSuite suite, Bytes key, std::string_view label,
                                             Bytes content, Bytes signature);

}  // namespace mls
