#include "mls/tls_reader.h"

namespace mls {

void TlsReader::fail() {
  ok_ = false;
  rest_ = {};
}

Bytes TlsReader::take(std::size_t count) {
  if (count > rest_.size()) {
    fail();
    return {};
  }
  const Bytes taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint64_t TlsReader::read_number(std::size_t width) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : take(width)) value = value << 8 | byte;
  return value;
}

Bytes TlsReader::read_vector() { return take(read_length()); }

std::size_t TlsReader::read_length() {
  const std::uint8_t first = read_u8();
  const int log2_width = first >> 6;
  const std::size_t top = first & 0x3f;
  if (log2_width == 0) return top;
  // Two more forms exist, of 2 and 4 bytes; each must be needed (RFC 9420 §2.1.2).
  const std::size_t width = log2_width == 1 ? 1 : 3;
  const std::size_t least = log2_width == 1 ? 1U << 6 : 1U << 14;
  const std::size_t length = top << (8 * width) | read_number(width);
  if (log2_width == 3 || length < least) fail();
  return ok_ ? length : 0;
}

}  // namespace mls
