#include "mls/check_key_package.h"

#include <algorithm>
#include <string>

namespace mls {
namespace {

bool names_author(Bytes identity, const base::Bytes32& author) {
  const std::string_view text(reinterpret_cast<const char*>(identity.data()), identity.size());
  return text == author.view() || text == base::to_hex(author);
}

}  // namespace

std::vector<KeyPackageFault> check(const KeyPackage& package, const ExpectedKeyPackage& expected) {
  std::vector<KeyPackageFault> faults;
  const auto fault_if = [&faults](bool wrong, KeyPackageFault fault) {
    if (wrong) faults.push_back(fault);
  };
  using enum KeyPackageFault;
  const LeafNode& leaf = package.leaf;
  const auto now = static_cast<std::uint64_t>(std::max<base::UnixSeconds>(expected.now, 0));
  const bool basic = leaf.credential.type == CredentialType::basic;

  fault_if(expected.suite.value_or(package.cipher_suite) != package.cipher_suite,
           other_cipher_suite);
  fault_if(!basic, credential_not_basic);
  fault_if(basic && !names_author(leaf.credential.content, expected.author), other_identity);
  fault_if(now < leaf.lifetime.not_before, not_yet_valid);
  fault_if(now > leaf.lifetime.not_after, expired);
  fault_if(std::ranges::equal(package.init_key, leaf.encryption_key), init_key_reused);
  fault_if(package.verify_leaf_signature() == Verification::invalid, bad_leaf_signature);
  fault_if(package.verify_package_signature() == Verification::invalid, bad_package_signature);
  return faults;
}

std::string_view describe(KeyPackageFault fault) {
  switch (fault) {
    case KeyPackageFault::other_cipher_suite:
      return "cipher suite differs from the one announced";
    case KeyPackageFault::credential_not_basic:
      return "credential is not basic";
    case KeyPackageFault::other_identity:
      return "credential does not name the author";
    case KeyPackageFault::not_yet_valid:
      return "lifetime has not begun";
    case KeyPackageFault::expired:
      return "lifetime is over";
    case KeyPackageFault::init_key_reused:
      return "init key equals the encryption key";
    case KeyPackageFault::bad_leaf_signature:
      return "leaf node signature does not verify";
    case KeyPackageFault::bad_package_signature:
      return "key package signature does not verify";
  }
  return "";
}

}  // namespace mls
