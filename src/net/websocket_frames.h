#pragma once
// The server side of WebSocket framing (RFC 6455 §5 to §8): bytes in, events out. No I/O, no time,
// no threads.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/deflate.h"
#include "net/padded_bytes.h"

namespace net {

enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

/// RFC 6455 §7.4.1.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported_data = 1003;
inline constexpr std::uint16_t invalid_text = 1007;
inline constexpr std::uint16_t message_too_big = 1009;
}  // namespace close_code

/// One step of a connection's input, in the order of the wire.
struct FrameEvent {
  enum class Kind {
    need_more,  ///< nothing until more bytes come; also for ever after close and failure
    text,     ///< `payload`: a whole message, valid UTF-8, followed by text_padding readable bytes
    ping,     ///< `payload`: goes back in a pong
    close,    ///< the peer's Close frame; `code` is to be echoed, 0: it carried none
    failure,  ///< the peer broke a rule: close with `code` and `payload` (static text)
  };

  Kind kind = Kind::need_more;
  std::string_view payload = {};
  std::uint16_t code = 0;
};

/// Decodes what a client sends. Not thread-safe.
///
/// Per read: feed(), next() until need_more or until the caller wants to pause, keep(). To go on
/// after a pause, the same with feed({}). Between keep() and feed() it holds memory only for an
/// incomplete frame or message and for what was not taken before a pause.
class FrameReader {
 public:
  /// A message longer than this, in one frame, joined or inflated, fails with message_too_big.
  explicit FrameReader(std::size_t max_message_bytes)
      : max_message_bytes_(static_cast<std::uint32_t>(max_message_bytes)) {}

  /// `bytes` are borrowed until keep(), unmasked in place, and must be followed by text_padding
  /// readable bytes.
  void feed(std::span<char> bytes);
  /// `inflater`: null unless permessage-deflate was negotiated, and so the same at every call of a
  /// connection. The payload is valid until the next call of any member or of the inflater.
  [[nodiscard]] FrameEvent next(Inflater* inflater = nullptr);
  /// Copies what was not taken.
  void keep();

  /// Holds no private memory.
  [[nodiscard]] bool is_idle() const { return !kept_; }

 private:
  struct Header {
    bool final;
    bool masked;
    bool minimal;  ///< the length is written in as few bytes as possible
    std::uint8_t reserved_bits;
    Opcode opcode;
    std::uint8_t size;  ///< of the header itself, bytes
    std::uint64_t length;
    std::array<char, 4> mask;
  };
  struct Failure {
    std::uint16_t code;
    std::string_view text;
  };
  struct Kept {
    PaddedBytes unread;
    PaddedBytes message;      // fragments so far, or the joined message last handed out
    bool in_message = false;  // a fragmented message has begun
    bool compressed = false;  // and this is how
    std::size_t checked = 0;  // bytes of it that are whole characters
  };

  static bool read_header(std::span<const char> bytes, Header& header);
  static const Failure* frame_failure(const Header& header);
  const Failure* failure(const Header& header, bool may_compress) const;
  std::string_view take_payload(const Header& header);
  FrameEvent accept(const Header& header, std::string_view payload, Inflater* inflater);
  FrameEvent accept_data(const Header& header, std::string_view payload, Inflater* inflater);
  FrameEvent accept_compressed(std::string_view message, Inflater& inflater);
  FrameEvent accept_text(std::string_view message, std::size_t checked = 0);
  FrameEvent check_beginning();
  FrameEvent refuse_text();
  FrameEvent accept_close(std::string_view payload);
  FrameEvent fail(const Failure& failure);
  void release_joined();
  [[nodiscard]] bool in_message() const { return kept_ && kept_->in_message; }

  std::span<char> input_;  // not yet taken: of the caller's bytes, or of kept_->unread
  std::unique_ptr<Kept> kept_;
  std::uint32_t max_message_bytes_;
  bool finished_ = false;
};

/// Frames from the server: unmasked, never fragmented.
void append_frame_header(std::string& out, Opcode opcode, std::size_t length);
void append_frame(std::string& out, Opcode opcode, std::string_view payload);
/// A Close frame; code 0: without payload. `text`: at most 123 bytes.
void append_close(std::string& out, std::uint16_t code, std::string_view text);

}  // namespace net
