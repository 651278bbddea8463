#include "mls/cipher_suite.h"

#include <gtest/gtest.h>

namespace mls {
namespace {

TEST(CipherSuite, EveryRegisteredNameNamesItsNumber) {
  for (std::uint16_t number = 1; number <= 7; ++number) {
    const auto name = name_of(CipherSuite{number});
    ASSERT_TRUE(name);
    EXPECT_EQ(parse_cipher_suite(*name), CipherSuite{number});
  }
  EXPECT_EQ(name_of(CipherSuite{1}), "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519");
}

TEST(CipherSuite, UnregisteredNumbersHaveNoName) {
  for (const std::uint16_t number : {0, 8, 0x0a0a, 0xffff}) {
    EXPECT_FALSE(name_of(CipherSuite{number}));
  }
}

TEST(CipherSuite, HexAndDecimalNumbersAreRead) {
  EXPECT_EQ(parse_cipher_suite("1"), CipherSuite{1});
  EXPECT_EQ(parse_cipher_suite("0x0001"), CipherSuite{1});
  EXPECT_EQ(parse_cipher_suite("0xF00f"), CipherSuite{0xf00f});
  EXPECT_EQ(parse_cipher_suite("65535"), CipherSuite{65535});
}

TEST(CipherSuite, AnythingElseIsNoSuite) {
  for (const auto* text : {"", "0x", "-1", "+1", " 1", "1 ", "65536", "0x10000", "0x-1", "1.0",
                           "MLS_128", "mls_128_dhkemx25519_aes128gcm_sha256_ed25519"}) {
    EXPECT_FALSE(parse_cipher_suite(text)) << text;
  }
}

}  // namespace
}  // namespace mls
