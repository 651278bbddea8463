#pragma once
// The other side of permessage-deflate, straight on zlib: what any client does.
#include <zlib.h>

#include <string>
#include <string_view>

namespace test {

/// A message's payload as a client sends it, with this window, level and flush
/// (Z_SYNC_FLUSH, or Z_FINISH for a final block and the byte that RFC 7692 §7.2.3.4 wants behind it).
inline std::string deflated(std::string_view text, int window_bits = 15, int level = 6,
                            int flush = Z_SYNC_FLUSH) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(2 * text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, flush);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (flush == Z_FINISH) return out + '\0';
  return out.substr(0, out.size() - 4);
}

/// The text of a message, as a client with this window reads it; "broken: …" where it cannot.
inline std::string inflated(std::string_view payload, int window_bits = 15) {
  const std::string input = std::string(payload) + std::string("\0\0\xff\xff", 4);
  z_stream stream{};
  inflateInit2(&stream, -window_bits);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  std::string text;
  char piece[100];  // small, so that zlib must use its window and not our memory
  int result;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    result = inflate(&stream, Z_SYNC_FLUSH);
    text.append(piece, sizeof piece - stream.avail_out);
  } while (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
  const bool whole = (result == Z_OK || result == Z_BUF_ERROR) && stream.avail_in == 0;
  inflateEnd(&stream);
  return whole ? text : "broken: " + std::to_string(result);
}

/// Text that compresses about as well as events do: not much.
inline std::string noise(std::size_t size, unsigned seed = 1) {
  std::string text;
  while (text.size() < size) {
    seed = seed * 1664525u + 1013904223u;
    text += "0123456789abcdef"[seed >> 28];
  }
  return text;
}

}  // namespace test
