#include "base/bytes.h"

#include <gtest/gtest.h>

#include <unordered_set>

using base::Bytes32;

TEST(Bytes, HexIsLowercaseAndReadsBack) {
  Bytes32 value;
  for (std::size_t i = 0; i < value.bytes.size(); ++i)
    value.bytes[i] = static_cast<std::uint8_t>(i * 8 + 7);
  const std::string hex = base::to_hex(value);
  EXPECT_EQ(hex, "070f171f272f373f474f575f676f777f878f979fa7afb7bfc7cfd7dfe7eff7ff");
  EXPECT_EQ(base::from_hex<Bytes32>(hex), value);
}

TEST(Bytes, EveryByteSurvivesHex) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::uint8_t in[] = {static_cast<std::uint8_t>(byte)};
    std::uint8_t out[1] = {};
    ASSERT_TRUE(base::decode_hex(base::to_hex(in), out));
    EXPECT_EQ(out[0], byte);
  }
}

TEST(Bytes, OnlyLowercaseHexOfExactLengthIsRead) {
  const std::string good(64, 'a');
  EXPECT_TRUE(base::from_hex<Bytes32>(good));
  EXPECT_FALSE(base::from_hex<Bytes32>(good + "a"));
  EXPECT_FALSE(base::from_hex<Bytes32>(good.substr(1)));
  EXPECT_FALSE(base::from_hex<Bytes32>(""));
  for (int c = 0; c < 256; ++c) {
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    for (const std::size_t position : {0, 1, 63}) {
      std::string hex = good;
      hex[position] = static_cast<char>(c);
      EXPECT_EQ(base::from_hex<Bytes32>(hex).has_value(), digit) << c;
    }
  }
}

TEST(Bytes, AreOrderedBytewiseAndHashable) {
  Bytes32 low, high;
  low.bytes[0] = 0x7f;
  high.bytes[0] = 0x80;
  EXPECT_LT(low, high);
  EXPECT_EQ((std::unordered_set<Bytes32>{low, high, low}.size()), 2u);
  EXPECT_EQ(low.view().size(), 32u);
}
