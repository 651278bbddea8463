#include "net/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace net {
namespace {

std::string encode(std::uint32_t code) {
  const auto rest = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3F));
  };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), rest(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), rest(6), rest(0)};
  return {static_cast<char>(0xF0 | code >> 18), rest(12), rest(6), rest(0)};
}

TEST(Utf8, EveryBeginningOfEveryCharacterMayGoOn) {
  for (std::uint32_t code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 61) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    const auto character = encode(code);
    for (std::size_t size = 1; size < character.size(); ++size)
      ASSERT_EQ(whole_characters("ab" + character.substr(0, size)), 2u) << code << ' ' << size;
    ASSERT_EQ(whole_characters("ab" + character), 2 + character.size()) << code;
    ASSERT_TRUE(is_utf8(character)) << code;
  }
}

TEST(Utf8, WhatNoCharacterBeginsWithIsRefusedAtOnce) {
  for (const std::string beginning :
       {"\x80", "\xbf", "\xc0", "\xc1", "\xf5", "\xff", "\xe0\x80", "\xe0\x9f", "\xed\xa0",
        "\xed\xbf", "\xf0\x80", "\xf0\x8f", "\xf4\x90", "\xf4\xbf", "\xf0\x8f\xbf",
        "\xe1\x80\x80\x80", "\xce\x20", "\xed\xa0\x80"}) {
    EXPECT_EQ(whole_characters(beginning), std::nullopt) << beginning.size();
    EXPECT_EQ(whole_characters("text " + beginning), std::nullopt) << beginning.size();
  }
}

TEST(Utf8, NothingMayGoOn) { EXPECT_EQ(whole_characters(""), 0u); }

}  // namespace
}  // namespace net
