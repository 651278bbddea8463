#pragma once
#include <expected>
#include <memory>
#include <span>
#include <string>

namespace app {

/// A stream of bytes, unpacked as it is read: memory does not grow with what is in it. Used by one thread.
class Input {
 public:
  virtual ~Input() = default;
  /// At least one byte, or 0 at the end. The error says what is wrong with the input.
  [[nodiscard]] virtual std::expected<std::size_t, std::string> read(std::span<char> out) = 0;

  /// What comes from `fd`, plain, gzip or zstd as its first bytes tell. `fd` stays open.
  [[nodiscard]] static std::expected<std::unique_ptr<Input>, std::string> from(int fd);
};

}  // namespace app
