// The frame codec gives the same events for every way to cut its input, and reads no byte too far.
#include "net/websocket_frames.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using net::FrameEvent;

constexpr std::size_t max_message_bytes = 1000;

void append(std::string& trace, const FrameEvent& event) {
  trace += std::to_string(static_cast<int>(event.kind)) + ' ' + std::to_string(event.code) + ' ';
  trace.append(event.payload) += '\n';
}

/// Stops at the first event where `pauses` is odd and goes on later, as after Flow::wait.
void feed(net::FrameReader& reader, std::string_view chunk, bool pauses, std::string& trace) {
  std::vector<char> bytes(chunk.size() + net::text_padding);
  chunk.copy(bytes.data(), chunk.size());
  reader.feed(std::span(bytes).first(chunk.size()));
  for (;;) {
    const FrameEvent event = reader.next();
    if (event.kind == FrameEvent::Kind::need_more) break;
    if (event.kind == FrameEvent::Kind::text && event.payload.size() > max_message_bytes)
      std::abort();
    append(trace, event);
    if (!pauses) continue;
    reader.keep();
    reader.feed({});
  }
  reader.keep();
}

std::string decode(std::string_view wire, std::size_t step, bool pauses) {
  net::FrameReader reader(max_message_bytes);
  std::string trace;
  for (std::size_t i = 0; i < wire.size(); i += step)
    feed(reader, wire.substr(i, step), pauses, trace);
  return trace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view wire(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t step = 1 + data[0] / 2;
  if (decode(wire, wire.size(), false) != decode(wire, step, data[0] % 2 == 1)) std::abort();
  return 0;
}
