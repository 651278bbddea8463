#include "mls/key_package.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "bytes.h"
#include "vectors.h"

namespace mls {
namespace {

std::string text(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(KeyPackage, FieldsAreThoseTheLibraryWrote) {
  const auto bytes = from_hex(vectors::suite_1_last_resort);
  const auto package = parse_key_package(bytes);
  ASSERT_TRUE(package);
  EXPECT_EQ(package->cipher_suite, CipherSuite::x25519_aes128gcm_sha256_ed25519);
  EXPECT_EQ(package->init_key.size(), 32U);
  EXPECT_EQ(package->leaf.encryption_key.size(), 32U);
  EXPECT_EQ(package->leaf.signature_key.size(), 32U);
  EXPECT_EQ(package->leaf.credential.type, CredentialType::basic);
  EXPECT_EQ(base::to_hex(package->leaf.credential.content), vectors::author);
  EXPECT_EQ(package->leaf.lifetime.not_before, 1700000000U);
  EXPECT_EQ(package->leaf.lifetime.not_after, 1900000000U);
  EXPECT_EQ(package->leaf.capabilities.versions, std::vector<std::uint16_t>{1});
  EXPECT_GE(package->leaf.capabilities.cipher_suites.size(), 7U);
  EXPECT_TRUE(package->leaf.extensions.empty());
  EXPECT_EQ(package->leaf.signature.size(), 64U);
  EXPECT_EQ(package->signature.size(), 64U);
}

TEST(KeyPackage, LastResortIsReadFromThePackageExtensions) {
  using Pair = std::pair<std::string_view, std::string_view>;
  for (const auto& [plain, last_resort] : {Pair{vectors::suite_1, vectors::suite_1_last_resort},
                                           Pair{vectors::suite_2, vectors::suite_2_last_resort},
                                           Pair{vectors::suite_3, vectors::suite_3_last_resort}}) {
    const auto first = from_hex(plain), second = from_hex(last_resort);
    EXPECT_FALSE(parse_key_package(first).value().is_last_resort());
    EXPECT_TRUE(parse_key_package(second).value().is_last_resort());
    EXPECT_EQ(parse_key_package(second)->verify_signatures(), Verification::valid);
  }
}

TEST(KeyPackage, BothSignaturesOfEverySuiteVerify) {
  for (const auto vector : vectors::all_suites) {
    const auto bytes = from_hex(vector);
    const auto package = parse_key_package(bytes);
    ASSERT_TRUE(package);
    EXPECT_EQ(package->verify_signatures(), Verification::valid);
  }
}

TEST(KeyPackage, ReferenceUsesTheHashOfTheSuite) {
  for (std::size_t i = 0; i < vectors::all_suites.size(); ++i) {
    const auto bytes = from_hex(vectors::all_suites[i]);
    EXPECT_EQ(base::to_hex(parse_key_package(bytes)->reference().value()), vectors::references[i]);
  }
}

TEST(KeyPackage, MlsMessageAroundItChangesNothing) {
  for (const auto vector : vectors::all_suites) {
    const auto bare = from_hex(vector), message = wrapped(bare);
    const auto package = parse_key_package(message);
    ASSERT_TRUE(package);
    EXPECT_EQ(text(package->encoded), text(bare));
    EXPECT_EQ(package->reference(), parse_key_package(bare)->reference());
    EXPECT_EQ(package->verify_signatures(), Verification::valid);
  }
}

TEST(KeyPackage, OtherMlsMessagesAreNamedAsSuch) {
  auto message = wrapped(from_hex(vectors::suite_1));
  message[3] = 3;  // mls_welcome
  EXPECT_EQ(parse_key_package(message).error(), KeyPackageError::other_message);
}

TEST(KeyPackage, OtherVersionsAreNotRead) {
  auto bytes = from_hex(vectors::suite_1);
  bytes[1] = 2;
  EXPECT_EQ(parse_key_package(bytes).error(), KeyPackageError::unsupported_version);
  auto message = wrapped(bytes);
  EXPECT_EQ(parse_key_package(message).error(), KeyPackageError::unsupported_version);
}

TEST(KeyPackage, LeafNodeOfAnUpdateIsRefused) {
  auto bytes = from_hex(vectors::suite_1);
  const std::uint8_t source_and_lifetime[] = {1, 0, 0, 0, 0, 0x65, 0x53, 0xf1, 0};
  const auto source = std::ranges::search(bytes, source_and_lifetime);
  ASSERT_FALSE(source.empty());
  *source.begin() = 2;
  EXPECT_EQ(parse_key_package(bytes).error(), KeyPackageError::wrong_leaf_node_source);
}

TEST(KeyPackage, TrailingBytesAreRefused) {
  for (auto bytes : {from_hex(vectors::suite_1), wrapped(from_hex(vectors::suite_1))}) {
    bytes.push_back(0);
    EXPECT_EQ(parse_key_package(bytes).error(), KeyPackageError::trailing_bytes);
  }
}

TEST(KeyPackage, X509CredentialIsRecognised) {
  const auto bytes = from_hex(vectors::x509);
  const auto package = parse_key_package(bytes);
  ASSERT_TRUE(package);
  EXPECT_EQ(package->leaf.credential.type, CredentialType::x509);
  EXPECT_EQ(package->verify_signatures(), Verification::valid);
}

TEST(KeyPackage, UnknownSuiteIsReadButNotVerified) {
  auto bytes = from_hex(vectors::suite_1);
  bytes[3] = 77;
  const auto package = parse_key_package(bytes);
  ASSERT_TRUE(package);
  EXPECT_EQ(package->verify_signatures(), Verification::unsupported_suite);
  EXPECT_FALSE(package->reference());
}

// Each input lives in a block of exactly its size, so that the address sanitizer sees a read beyond
// it.
TEST(KeyPackage, EveryTruncationIsRefused) {
  for (const auto vector : vectors::all_suites) {
    for (const auto& whole : {from_hex(vector), wrapped(from_hex(vector))}) {
      for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + std::ptrdiff_t(size));
        EXPECT_FALSE(parse_key_package(cut)) << size;
      }
    }
  }
}

TEST(KeyPackage, NoFlippedByteVerifies) {
  for (const auto vector : vectors::all_suites) {
    auto bytes = wrapped(from_hex(vector));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const std::uint8_t mask : {0x01, 0x80, 0xff}) {
        bytes[at] ^= mask;
        const auto package = parse_key_package(bytes);
        if (package) {
          EXPECT_NE(package->verify_signatures(), Verification::valid) << at;
        }
        bytes[at] ^= mask;
      }
    }
  }
}

TEST(KeyPackage, KeyOffTheCurveDoesNotVerify) {
  const auto bytes = from_hex(vectors::suite_2);
  auto package = parse_key_package(bytes).value();
  std::vector<std::uint8_t> point(65, 0);
  for (const std::uint8_t form : {0, 2, 4, 6}) {
    point[0] = form;
    package.leaf.signature_key = point;
    EXPECT_EQ(package.verify_signatures(), Verification::invalid);
  }
}

}  // namespace
}  // namespace mls
