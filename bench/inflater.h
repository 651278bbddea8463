#pragma once
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace bench {

/// Reads compressed messages (RFC 7692) of a relay that takes no context over. Not thread-safe.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// The text, valid until the next call; empty if this is not DEFLATE.
  [[nodiscard]] std::string_view inflate(std::string_view payload);

 private:
  std::unique_ptr<z_stream_s> stream_;
  std::string text_;
};

}  // namespace bench
