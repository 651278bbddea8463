#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace net {

/// What simdjson may read behind a text without looking at it (SIMDJSON_PADDING).
inline constexpr std::size_t text_padding = 64;

/// Bytes that are appended at the back and dropped at the front, always followed by text_padding
/// readable bytes. Dropping is cheap; the memory of what was dropped is given back once it is the
/// larger part.
class PaddedBytes {
 public:
  [[nodiscard]] std::size_t size() const {
    return bytes_.empty() ? 0 : bytes_.size() - text_padding - begin_;
  }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::span<char> span() { return {bytes_.data() + begin_, size()}; }
  [[nodiscard]] std::string_view view() const { return {bytes_.data() + begin_, size()}; }

  void append(std::string_view more) {
    if (more.empty()) return;
    if (!bytes_.empty()) bytes_.resize(bytes_.size() - text_padding);
    bytes_.append(more).append(text_padding, '\0');
  }

  void drop_front(std::size_t count) {
    begin_ += count;
    if (begin_ <= size()) return;
    PaddedBytes rest;
    rest.append(view());
    *this = std::move(rest);
  }

  /// Gives the memory back.
  void clear() { *this = {}; }

 private:
  std::string bytes_;  // the padding is part of it; empty if there is nothing
  std::size_t begin_ = 0;
};

}  // namespace net
