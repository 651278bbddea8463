#pragma once
// The data side of permessage-deflate without context takeover (RFC 7692 §7.2): text in, text out.
// No frames, no I/O.
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace net {

enum class InflateError {
  bad_data,  ///< not DEFLATE, or its end is missing
  too_big,   ///< more than the limit when inflated
};

/// Inflates one message at a time; one for all connections of a thread. Not thread-safe.
///
/// Memory, from the first message on: zlib's 40 kB, and a buffer for the largest message so far, at
/// most the largest limit.
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// The text of a whole message's payload. It is valid until the next call, and followed by
  /// text_padding readable bytes. Stops as soon as there is more than `max_bytes` of it.
  [[nodiscard]] std::expected<std::string_view, InflateError> inflate(std::string_view payload,
                                                                      std::size_t max_bytes);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };

  [[nodiscard]] bool begin();
  void grow(std::size_t most);

  std::unique_ptr<z_stream_s, End> stream_;  // once there was a message
  std::unique_ptr<char[]> text_;             // not a string: growing one fills it with zeros
  std::size_t capacity_ = 0;                 // of text_, without the padding
};

/// Deflates one text at a time; one for all connections of a thread. Not thread-safe.
///
/// Each result is a run of whole DEFLATE blocks that ends on a byte and refers to nothing before
/// it. So it may follow a stored block, and the same bytes may stand in the messages of many
/// receivers.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Appends the blocks of `text`, without the 4 bytes that RFC 7692 §7.2.1 leaves out: so nothing
  /// can follow them in their message. false, and nothing appended: zlib has no memory.
  [[nodiscard]] bool append(std::string& out, std::string_view text);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };

  [[nodiscard]] bool begin();

  std::unique_ptr<z_stream_s, End> stream_;  // once there was a text
};

inline constexpr std::size_t max_stored_block = 65535;
inline constexpr std::size_t stored_block_head = 5;

/// Appends `text`, at most max_stored_block bytes, as a DEFLATE block that is not compressed
/// (RFC 1951 §3.2.4). Only where a byte begins: at the front of a message.
void append_stored_block(std::string& out, std::string_view text);

}  // namespace net
