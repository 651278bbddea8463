#include "net/deflate.h"

#include <gmock/gmock.h>

#include "net/padded_bytes.h"
#include "unit/net/peer_deflate.h"

namespace net {
namespace {

using namespace test;
using namespace std::string_literals;

constexpr std::size_t limit = 100'000;

std::string inflate(Inflater& inflater, std::string_view payload, std::size_t max_bytes = limit) {
  const auto text = inflater.inflate(payload, max_bytes);
  if (text) return std::string(*text);
  return text.error() == InflateError::too_big ? "too big" : "bad data";
}

std::string inflate(std::string_view payload, std::size_t max_bytes = limit) {
  Inflater inflater;
  return inflate(inflater, payload, max_bytes);
}

TEST(Inflater, ReadsTheExamplesOfRfc7692) {
  EXPECT_EQ(inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"s), "Hello");
  EXPECT_EQ(inflate("\x00\x05\x00\xfa\xffHello\x00"s), "Hello");                         // stored
  EXPECT_EQ(inflate("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s), "Hello");                      // final
  EXPECT_EQ(inflate("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s), "Hello");  // two
  EXPECT_EQ(inflate("\x00"s), "");
}

TEST(Inflater, ReadsEveryWindowLevelAndSize) {
  Inflater inflater;
  for (const std::size_t size : {0, 1, 7, 125, 126, 1000, 16'383, 16'384, 32'768, 65'536, 100'000})
    for (const int window : {9, 12, 15})
      for (const int level : {0, 1, 9})
        for (const int flush : {Z_SYNC_FLUSH, Z_FINISH}) {
          const auto text = noise(size / 2) + std::string(size - size / 2, 'a');
          ASSERT_EQ(inflate(inflater, deflated(text, window, level, flush)), text)
              << size << ' ' << window << ' ' << level << ' ' << flush;
        }
}

TEST(Inflater, BlocksMayFollowAFinalOne) {
  EXPECT_EQ(inflate(deflated("one, ", 15, 6, Z_FINISH).substr(0, 7) + deflated("two")), "one, two");
}

TEST(Inflater, MessagesShareNoContext) {
  Inflater inflater;
  const std::string text = "the same words again and again";
  // A second message that refers to the first, as a client with context takeover would send it.
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  std::string wire[2];
  for (auto& message : wire) {
    message.resize(200);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(message.data());
    stream.avail_out = static_cast<uInt>(message.size());
    ::deflate(&stream, Z_SYNC_FLUSH);
    message.resize(message.size() - stream.avail_out - 4);
  }
  deflateEnd(&stream);
  EXPECT_EQ(inflate(inflater, wire[0]), text);
  EXPECT_EQ(inflate(inflater, wire[1]), "bad data");
}

TEST(Inflater, WhatIsNoDeflateIsBadData) {
  EXPECT_EQ(inflate(""), "bad data");
  EXPECT_EQ(inflate("\x07"s), "bad data");                           // block type 3
  EXPECT_EQ(inflate("\x00\x05\x00\xfa\xfeHello\x00"s), "bad data");  // length and its complement
  EXPECT_EQ(inflate("[\"REQ\",\"plain text\",{}]"), "bad data");
}

TEST(Inflater, MessageThatBreaksOffIsBadData) {
  const auto whole = deflated(noise(500));
  Inflater inflater;
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_EQ(inflate(inflater, whole.substr(0, size)), "bad data") << size;
  EXPECT_EQ(inflate(inflater, whole), noise(500));
}

TEST(Inflater, TheLimitIsExact) {
  Inflater inflater;
  for (const std::size_t size : {1, 1000, 16'384, 20'000, 70'000}) {
    const std::string text(size, 'x');
    EXPECT_EQ(inflate(inflater, deflated(text), size), text);
    EXPECT_EQ(inflate(inflater, deflated(text), size - 1), "too big");
  }
}

TEST(Inflater, BombIsGivenUpAtTheLimit) {
  const auto bomb = deflated(std::string(100'000'000, '\0'), 15, 9);
  ASSERT_LT(bomb.size(), limit);
  Inflater inflater;
  EXPECT_EQ(inflate(inflater, bomb), "too big");
  EXPECT_EQ(inflate(inflater, deflated("and goes on")), "and goes on");
}

TEST(Inflater, TextIsFollowedByReadablePadding) {
  Inflater inflater;
  for (const std::size_t size : {0, 1, 16'383, 16'384, 16'385, 99'999, 100'000}) {
    const auto text = inflater.inflate(deflated(std::string(size, 'p')), 100'000);
    std::size_t sum = 0;  // of whatever is there
    for (std::size_t i = 0; i < text_padding; ++i)
      sum += static_cast<unsigned char>(text->data()[size + i]);
    EXPECT_LE(sum, 255 * text_padding);
    EXPECT_EQ(text->size(), size);
  }
}

TEST(Deflater, AnyInflaterReadsWhatItAppends) {
  Deflater deflater;
  for (const std::size_t size : {0, 1, 255, 256, 1000, 32'768, 65'535, 65'536, 500'000}) {
    std::string out = "before";
    ASSERT_TRUE(deflater.append(out, noise(size)));
    EXPECT_EQ(out.substr(0, 6), "before");
    EXPECT_EQ(inflated(out.substr(6)), noise(size)) << size;
    EXPECT_EQ(inflate(out.substr(6), size), noise(size)) << size;
  }
}

TEST(Deflater, BlocksOfOneTextFollowAnyStoredBlock) {
  Deflater deflater;
  std::string blocks;
  ASSERT_TRUE(deflater.append(blocks, noise(3000) + "]"));
  for (const std::size_t size : {0, 1, 12, 76, 400, 65'535}) {
    std::string message;
    append_stored_block(message, noise(size, 7));
    EXPECT_EQ(message.size(), stored_block_head + size);
    message += blocks;
    EXPECT_EQ(inflated(message), noise(size, 7) + noise(3000) + "]") << size;
  }
}

TEST(Deflater, TextsShareNoContext) {
  Deflater deflater;
  std::string first, second;
  ASSERT_TRUE(deflater.append(first, noise(2000)));
  ASSERT_TRUE(deflater.append(second, noise(2000)));
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace net
