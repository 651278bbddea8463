#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace mls {

using Bytes = std::span<const std::uint8_t>;

/// Reads the TLS presentation language (RFC 8446 §3) with MLS's variable-length vectors (RFC 9420
/// §2.1.2).
///
/// A view: the bytes must outlive it and every span it returns. Failure sticks: the first read
/// beyond the end or of a malformed length empties the reader, later reads return zero or nothing,
/// and `ok()` is asked once at the end. Loops over `at_end()` therefore always stop, after at most
/// as many rounds as there are bytes. Not thread-safe.
class TlsReader {
 public:
  explicit TlsReader(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] std::uint8_t read_u8() { return static_cast<std::uint8_t>(read_number(1)); }
  [[nodiscard]] std::uint16_t read_u16() { return static_cast<std::uint16_t>(read_number(2)); }
  [[nodiscard]] std::uint64_t read_u64() { return read_number(8); }
  /// `opaque x<V>`. A length that is not in its shortest form is malformed.
  [[nodiscard]] Bytes read_vector();

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] Bytes rest() const { return rest_; }
  void fail();

 private:
  [[nodiscard]] Bytes take(std::size_t count);
  [[nodiscard]] std::uint64_t read_number(std::size_t width);
  [[nodiscard]] std::size_t read_length();

  Bytes rest_;
  bool ok_ = true;
};

}  // namespace mls
