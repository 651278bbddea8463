#include "nostr/varint.h"

#include <gtest/gtest.h>

#include <limits>

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes encoded(std::uint64_t value) {
  Bytes bytes;
  nostr::append_varint(bytes, value);
  return bytes;
}

std::optional<std::uint64_t> decoded(const Bytes& bytes) {
  std::span<const std::uint8_t> left(bytes);
  const auto value = nostr::take_varint(left);
  EXPECT_TRUE(!value || left.empty());
  return value;
}

TEST(Varint, TheMostSignificantDigitComesFirst) {
  EXPECT_EQ(encoded(0), (Bytes{0}));
  EXPECT_EQ(encoded(127), (Bytes{0x7f}));
  EXPECT_EQ(encoded(128), (Bytes{0x81, 0x00}));
  EXPECT_EQ(encoded(1'700'000'001), (Bytes{0x86, 0xaa, 0xcf, 0xe2, 0x01}));
}

TEST(Varint, EveryNumberComesBack) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const std::uint64_t value : {std::uint64_t{1} << bits, (std::uint64_t{1} << bits) - 1})
      EXPECT_EQ(decoded(encoded(value)), value);
  }
  const auto most = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(decoded(encoded(most)), most);
}

TEST(Varint, NoNumberIsNone) {
  EXPECT_FALSE(decoded({})) << "nothing";
  EXPECT_FALSE(decoded({0x81})) << "it does not end";
  EXPECT_FALSE(decoded({0x80, 0x01})) << "a digit too many";
  EXPECT_FALSE(decoded({0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00})) << "2^64";
  EXPECT_FALSE(decoded(Bytes(11, 0xff)));
}

TEST(Varint, WhatFollowsIsLeft) {
  const Bytes bytes{0x81, 0x00, 0x07};
  std::span<const std::uint8_t> left(bytes);
  EXPECT_EQ(nostr::take_varint(left), 128u);
  EXPECT_EQ(left.size(), 1u);
}

}  // namespace
