#include "mls/encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace mls {
namespace {

using Input = std::vector<std::uint8_t>;

TEST(Encoding, HexIsReadInEitherCase) {
  EXPECT_EQ(decode_content("00fFAb", "hex"), (Input{0x00, 0xff, 0xab}));
}

TEST(Encoding, Base64MatchesRfc4648) {
  const std::pair<const char*, std::string> examples[] = {{"", ""},
                                                          {"Zg==", "f"},
                                                          {"Zm8=", "fo"},
                                                          {"Zm9v", "foo"},
                                                          {"Zm9vYg==", "foob"},
                                                          {"Zm9vYmE=", "fooba"},
                                                          {"Zm9vYmFy", "foobar"}};
  for (const auto& [text, bytes] : examples) {
    EXPECT_EQ(decode_content(text, "base64"), Input(bytes.begin(), bytes.end())) << text;
  }
  EXPECT_EQ(decode_content("+/+/", "base64"), (Input{0xfb, 0xff, 0xbf}));
}

TEST(Encoding, LooseBase64IsRefused) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8=Zm8=", "Z===", "====", " Zg=",
                           "Zg==\n", "-_-_", "Zm 9", "Zm\0v"}) {
    EXPECT_FALSE(decode_content(text, "base64")) << text;
  }
}

TEST(Encoding, LooseHexIsRefused) {
  for (const auto* text : {"0", "0g", "0x00", "00 ", "00\n"}) {
    EXPECT_FALSE(decode_content(text, "hex")) << text;
  }
}

TEST(Encoding, WithoutATagHexIsPreferredToBase64) {
  EXPECT_EQ(decode_content("abcd", ""), (Input{0xab, 0xcd}));
  EXPECT_EQ(decode_content("AAEA+w==", ""), (Input{0, 1, 0, 0xfb}));
  EXPECT_FALSE(decode_content("abcde", ""));
}

TEST(Encoding, UnknownEncodingsAndOverlongTextsAreRefused) {
  EXPECT_FALSE(decode_content("00", "base58"));
  EXPECT_FALSE(decode_content("00", "HEX"));
  EXPECT_TRUE(decode_content(std::string(max_encoded_bytes, '0'), ""));
  EXPECT_FALSE(decode_content(std::string(max_encoded_bytes + 2, '0'), ""));
}

}  // namespace
}  // namespace mls
