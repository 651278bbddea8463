#include "mls/tls_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace mls {
namespace {

using Input = std::vector<std::uint8_t>;

Input vector_of(Input length, std::size_t size) {
  length.insert(length.end(), size, 7);
  return length;
}

TEST(TlsReader, NumbersAreBigEndian) {
  const Input bytes{1, 2, 3, 0, 0, 0, 0, 0, 0, 1, 0};
  TlsReader reader(bytes);
  EXPECT_EQ(reader.read_u8(), 1);
  EXPECT_EQ(reader.read_u16(), 0x0203);
  EXPECT_EQ(reader.read_u64(), 256U);
  EXPECT_TRUE(reader.ok() && reader.at_end());
}

TEST(TlsReader, ReadingPastTheEndFailsForGood) {
  const Input bytes{1, 2, 3};
  TlsReader reader(bytes);
  EXPECT_EQ(reader.read_u64(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.read_u8(), 0);
  EXPECT_TRUE(reader.at_end());
}

TEST(TlsReader, VectorLengthsTakeOneTwoOrFourBytes) {
  for (const auto& [length, size] : {std::pair<Input, std::size_t>{{0}, 0},
                                     {{63}, 63},
                                     {{0x40, 64}, 64},
                                     {{0x7f, 0xff}, 16383},
                                     {{0x80, 0, 0x40, 0}, 16384}}) {
    const Input bytes = vector_of(length, size);
    TlsReader reader(bytes);
    EXPECT_EQ(reader.read_vector().size(), size);
    EXPECT_TRUE(reader.ok() && reader.at_end());
  }
}

TEST(TlsReader, LengthsNotInShortestFormAreMalformed) {
  for (const Input& length : {Input{0x40, 63}, Input{0x80, 0, 0x3f, 0xff}, Input{0x80, 0, 0, 5}}) {
    const Input bytes = vector_of(length, 16384);
    TlsReader reader(bytes);
    EXPECT_TRUE(reader.read_vector().empty());
    EXPECT_FALSE(reader.ok());
  }
}

TEST(TlsReader, EightByteLengthsAreMalformed) {
  const Input bytes = vector_of({0xc0, 0, 0, 0, 0, 0, 0, 1}, 1);
  TlsReader reader(bytes);
  EXPECT_TRUE(reader.read_vector().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(TlsReader, VectorLongerThanTheInputFails) {
  for (const Input& bytes : {Input{2, 7}, Input{0x40}, Input{0xbf, 0xff, 0xff, 0xff, 1}, Input{}}) {
    TlsReader reader(bytes);
    EXPECT_TRUE(reader.read_vector().empty());
    EXPECT_FALSE(reader.ok());
  }
}

}  // namespace
}  // namespace mls
