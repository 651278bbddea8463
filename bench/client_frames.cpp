#include "client_frames.h"

#include <fmt/format.h>

#include <array>

namespace bench {
namespace {

constexpr std::array<std::uint8_t, 4> mask = {0x9d, 0x3a, 0x51, 0xc6};

void append_number(std::string& out, std::uint64_t value, int bytes) {
  while (bytes-- > 0) out.push_back(static_cast<char>(value >> (8 * bytes)));
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  out.push_back(static_cast<char>(0x80 | static_cast<int>(opcode)));
  const int extra_bytes = payload.size() < 126 ? 0 : payload.size() < 65536 ? 2 : 8;
  const std::uint64_t short_length = extra_bytes == 0   ? payload.size()
                                     : extra_bytes == 2 ? 126
                                                        : 127;
  append_number(out, 0x80 | short_length, 1);
  append_number(out, payload.size(), extra_bytes);
  out.append(reinterpret_cast<const char*>(mask.data()), mask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ mask[i % 4]));
  }
}

std::string text_frame(std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 14);
  append_frame(frame, Opcode::text, payload);
  return frame;
}

std::optional<Frame> take_frame(std::string_view& input) {
  if (input.size() < 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(input[0]);
  std::uint64_t length = static_cast<std::uint8_t>(input[1]) & 0x7f;
  const std::size_t extra_bytes = length < 126 ? 0 : length == 126 ? 2 : 8;
  const std::size_t header = 2 + extra_bytes;
  if (input.size() < header) return std::nullopt;
  if (extra_bytes > 0) length = read_number(input.substr(2, extra_bytes));
  if (input.size() - header < length) return std::nullopt;
  const Frame frame{Opcode(first & 0x0f), (first & 0x80) != 0, (first & 0x40) != 0,
                    input.substr(header, length)};
  input.remove_prefix(header + length);
  return frame;
}

std::string upgrade_request(std::string_view host, std::string_view path, bool deflate) {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: Z2F0ZXdheS1iZW5jaC0wMQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
      path, host, deflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
}

}  // namespace bench
