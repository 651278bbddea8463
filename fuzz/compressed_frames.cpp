// Frames with permessage-deflate: the same events for every way to cut the input, no text above the limit; offers of any
// form; and what we compress is read as it was.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "check.h"
#include "net/compression.h"
#include "net/deflate.h"
#include "net/websocket_frames.h"

namespace {

using net::FrameEvent;

constexpr std::size_t max_message_bytes = 20'000;

void append(std::string& trace, const FrameEvent& event) {
  trace += std::to_string(static_cast<int>(event.kind)) + ' ' + std::to_string(event.code) + ' ';
  trace.append(event.payload) += '\n';
}

/// Reads every byte that a JSON parser may look at.
void touch_padding(std::string_view text) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < net::text_padding; ++i)
    sum += static_cast<unsigned char>(text.data()[text.size() + i]);
  check(sum <= 255 * net::text_padding, "the padding can be read");
}

std::string decode(net::Inflater& inflater, std::string_view wire, std::size_t step) {
  net::FrameReader reader(max_message_bytes);
  std::string trace;
  for (std::size_t i = 0; i < wire.size(); i += step) {
    const auto chunk = wire.substr(i, step);
    std::vector<char> bytes(chunk.size() + net::text_padding);
    chunk.copy(bytes.data(), chunk.size());
    reader.feed(std::span(bytes).first(chunk.size()));
    for (auto event = reader.next(&inflater); event.kind != FrameEvent::Kind::need_more;
         event = reader.next(&inflater)) {
      check(event.payload.size() <= max_message_bytes, "no text is above the limit");
      if (event.kind == FrameEvent::Kind::text) touch_padding(event.payload);
      append(trace, event);
    }
    reader.keep();
  }
  return trace;
}

/// A frame that says it is a compressed text, so that the fuzzer need not find the header.
std::string compressed_frame(std::string_view payload) {
  std::string frame = "\xc1\xff";  // final, RSV1, text; masked, a length of eight bytes
  const bool is_short = payload.size() < 126;
  if (is_short) frame.back() = static_cast<char>(0x80 | payload.size());
  for (int shift = is_short ? -8 : 56; shift >= 0; shift -= 8)
    frame += static_cast<char>(payload.size() >> shift);
  return frame.append(4, '\0').append(payload);
}

void round_trip(net::Inflater& inflater, std::string_view text) {
  net::Deflater deflater;
  std::string blocks, message;
  check(deflater.append(blocks, text), "any text can be compressed");
  net::append_stored_block(message, text.substr(0, 300));
  message += blocks;
  const auto read = inflater.inflate(message, 2 * text.size() + 300);
  check(read.has_value(), "what we send can be inflated");
  check(*read == std::string(text.substr(0, 300)).append(text), "and is what it was");
}

void negotiate(std::string_view offers) {
  const auto agreed = net::choose_compression(offers);
  if (!agreed || !*agreed) return;
  check(agreed->window_bits >= 8 && agreed->window_bits <= 15, "a window is 8 to 15");
  const auto answer = net::choose_compression(net::accepted_extension(*agreed));
  check(answer && answer->window_bits == agreed->window_bits, "our answer can be read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + data[0] / 2;
  net::Inflater inflater, other;
  const bool framed = data[0] % 2 == 1;
  const std::string wire = framed ? std::string(input) : compressed_frame(input);
  check(decode(inflater, wire, wire.size()) == decode(other, wire, step),
        "the events are the same for every cut");
  round_trip(inflater, input);
  negotiate(input);
  return 0;
}
