#include "mls/check_key_package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bytes.h"
#include "vectors.h"

namespace mls {
namespace {

using enum KeyPackageFault;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr base::UnixSeconds within_lifetime = 1800000000;

ExpectedKeyPackage expected() {
  return {CipherSuite{1}, base::from_hex<base::Bytes32>(vectors::author).value(), within_lifetime};
}

std::vector<KeyPackageFault> faults_of(const std::vector<std::uint8_t>& bytes,
                                       const ExpectedKeyPackage& expectation = expected()) {
  return check(parse_key_package(bytes).value(), expectation);
}

TEST(CheckKeyPackage, GoodPackagesHaveNoFault) {
  for (std::uint16_t number = 1; number <= 7; ++number) {
    auto expectation = expected();
    expectation.suite = CipherSuite{number};
    EXPECT_THAT(faults_of(from_hex(vectors::all_suites[number - 1U]), expectation), IsEmpty());
  }
}

TEST(CheckKeyPackage, IdentityMayBeTheHexOfTheKey) {
  EXPECT_THAT(faults_of(from_hex(vectors::hex_identity)), IsEmpty());
}

TEST(CheckKeyPackage, IdentityMustBeTheAuthor) {
  EXPECT_THAT(faults_of(from_hex(vectors::foreign_identity)), ElementsAre(other_identity));
}

TEST(CheckKeyPackage, CredentialMustBeBasic) {
  EXPECT_THAT(faults_of(from_hex(vectors::x509)), ElementsAre(credential_not_basic));
}

TEST(CheckKeyPackage, SuiteMustBeTheAnnouncedOneIfAny) {
  const auto bytes = from_hex(vectors::suite_3);
  EXPECT_THAT(faults_of(bytes), ElementsAre(other_cipher_suite));
  auto expectation = expected();
  expectation.suite.reset();
  EXPECT_THAT(faults_of(bytes, expectation), IsEmpty());
}

TEST(CheckKeyPackage, LifetimeCoversItsFirstAndLastSecondAndNoOther) {
  const auto bytes = from_hex(vectors::suite_1);
  const auto at = [&bytes](base::UnixSeconds now) {
    auto expectation = expected();
    expectation.now = now;
    return faults_of(bytes, expectation);
  };
  EXPECT_THAT(at(1699999999), ElementsAre(not_yet_valid));
  EXPECT_THAT(at(1700000000), IsEmpty());
  EXPECT_THAT(at(1900000000), IsEmpty());
  EXPECT_THAT(at(1900000001), ElementsAre(expired));
  EXPECT_THAT(faults_of(from_hex(vectors::expired)), ElementsAre(expired));
}

TEST(CheckKeyPackage, LastBitOfThePackageIsSigned) {
  auto bytes = from_hex(vectors::suite_1);
  bytes.back() ^= 1;
  EXPECT_THAT(faults_of(bytes), ElementsAre(bad_package_signature));
}

TEST(CheckKeyPackage, ChangedLeafBreaksBothSignatures) {
  auto bytes = from_hex(vectors::suite_1);
  auto package = parse_key_package(bytes).value();
  bytes[static_cast<std::size_t>(package.leaf.encryption_key.data() - bytes.data())] ^= 1;
  EXPECT_THAT(faults_of(bytes), ElementsAre(bad_leaf_signature, bad_package_signature));
}

TEST(CheckKeyPackage, InitKeyMustNotBeTheEncryptionKey) {
  const auto bytes = from_hex(vectors::suite_1);
  auto package = parse_key_package(bytes).value();
  package.init_key = package.leaf.encryption_key;
  EXPECT_THAT(check(package, expected()), ElementsAre(init_key_reused));
}

TEST(CheckKeyPackage, SignaturesOfUnknownSuitesAreNoFault) {
  auto bytes = from_hex(vectors::suite_1);
  bytes[3] = 77;
  auto expectation = expected();
  expectation.suite = CipherSuite{77};
  EXPECT_THAT(faults_of(bytes, expectation), IsEmpty());
}

TEST(CheckKeyPackage, EveryFaultHasItsText) {
  for (int i = 0; i <= static_cast<int>(bad_package_signature); ++i) {
    EXPECT_FALSE(describe(KeyPackageFault{i}).empty());
  }
}

}  // namespace
}  // namespace mls
