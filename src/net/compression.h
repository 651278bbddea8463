#pragma once
// What client and server agree on before messages are compressed (RFC 7692 §5, §7.1). Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net {

/// A permessage-deflate agreement. Neither side takes context over from message to message, so it
/// costs a connection no memory.
struct Compression {
  /// What we send may refer back 2^window_bits bytes at most (8 to 15); 0: nothing is compressed.
  std::uint8_t window_bits = 0;
  bool window_asked = false;  ///< the client named the window: our answer must too

  explicit operator bool() const { return window_bits != 0; }
};

/// The first offer in Sec-WebSocket-Extensions (several headers joined by commas) that we can keep
/// to; none if there is no such offer. Offers with a parameter that is unknown, given twice or out of
/// range are declined, as RFC 7692 §7.1 demands, and so are other extensions. nullopt: this breaks
/// the grammar of RFC 6455 §9.1, and the handshake must fail.
[[nodiscard]] std::optional<Compression> choose_compression(std::string_view offers);

/// Our answer's value for Sec-WebSocket-Extensions. REQUIRES: `agreed`.
[[nodiscard]] std::string accepted_extension(Compression agreed);

}  // namespace net
