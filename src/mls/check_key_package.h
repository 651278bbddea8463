#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "mls/key_package.h"

namespace mls {

/// What a published key package is held against.
struct ExpectedKeyPackage {
  std::optional<CipherSuite> suite;  ///< what the publisher announced beside it, if anything
  base::Bytes32 author;              ///< the key its credential must name
  base::UnixSeconds now = 0;
};

enum class KeyPackageFault {
  other_cipher_suite,
  credential_not_basic,
  other_identity,
  not_yet_valid,
  expired,
  init_key_reused,
  bad_leaf_signature,
  bad_package_signature,
};

[[nodiscard]] std::string_view describe(KeyPackageFault fault);

/// Everything that is wrong with it, in the order of the enum; empty = fit for use (RFC 9420 §7.3
/// and §10.1, without what only a group can know). The identity may be the author's 32 bytes or
/// their lowercase hex. Signatures of unknown cipher suites cannot be checked and are no fault.
/// Pure and thread-safe.
[[nodiscard]] std::vector<KeyPackageFault> check(const KeyPackage& package,
                                                 const ExpectedKeyPackage& expected);

}  // namespace mls
