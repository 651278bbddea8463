#pragma once
// The client side of WebSocket framing, for tests: any first byte, any length form, masked or not.
#include <cstdint>
#include <string>
#include <string_view>

namespace test {

inline constexpr std::uint8_t fin = 0x80;
inline constexpr std::uint8_t continuation = 0x0, text = 0x1, binary = 0x2, close_opcode = 0x8,
                              ping = 0x9, pong = 0xA;

struct FrameForm {
  bool masked = true;
  int length_bytes = -1;  ///< 0, 2 or 8 after the second byte; -1: as few as possible
  std::string_view mask = "\x37\xfa\x21\x3d";
};

inline std::string frame(std::uint8_t first, std::string_view payload, FrameForm form = {}) {
  const std::size_t length = payload.size();
  const int extra = form.length_bytes >= 0 ? form.length_bytes
                    : length < 126         ? 0
                    : length < 65536       ? 2
                                           : 8;
  std::string out(1, static_cast<char>(first));
  const auto short_length = static_cast<std::uint8_t>(extra == 0 ? length : extra == 2 ? 126 : 127);
  out += static_cast<char>(short_length | (form.masked ? 0x80 : 0));
  for (int i = extra - 1; i >= 0; --i)
    out += static_cast<char>(static_cast<std::uint64_t>(length) >> (8 * i));
  if (!form.masked) return out.append(payload);
  out += form.mask;
  for (std::size_t i = 0; i < length; ++i) out += static_cast<char>(payload[i] ^ form.mask[i % 4]);
  return out;
}

inline std::string close_payload(std::uint16_t code, std::string_view reason = {}) {
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code)};
  return out.append(reason);
}

inline std::string text_frame(std::string_view payload) { return frame(fin | text, payload); }
inline std::string close_frame(std::uint16_t code, std::string_view reason = {}) {
  return frame(fin | close_opcode, close_payload(code, reason));
}

}  // namespace test
