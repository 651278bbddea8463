#pragma once
// The client's side of RFC 6455, as much as a load tool needs: no UTF-8 check.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, close = 8, ping = 9, pong = 10 };

/// Appends one masked frame (a client must mask, §5.3). The key is fixed, so that frames can be
/// made ahead of time.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);
[[nodiscard]] std::string text_frame(std::string_view payload);

struct Frame {
  Opcode opcode;
  bool final;
  bool compressed;  ///< RSV1 (RFC 7692)
  std::string_view payload;
};

/// Takes one whole frame off the front of `input`; nullopt (and `input` untouched) while it is
/// incomplete.
[[nodiscard]] std::optional<Frame> take_frame(std::string_view& input);

/// The opening request; `host` with its port. `deflate`: offer permessage-deflate.
[[nodiscard]] std::string upgrade_request(std::string_view host, std::string_view path,
                                          bool deflate);

}  // namespace bench
