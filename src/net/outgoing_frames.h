#pragma once
// Messages of the relay as WebSocket frames, compressed or not.
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/compression.h"
#include "net/deflate.h"
#include "net/websocket_frames.h"
#include "relay/send_queue.h"

namespace net {

inline void append_plain(std::string& out, const relay::Outgoing& message) {
  append_frame_header(out, Opcode::text, message.size());
  out += *message.head;
  if (message.event) (out += message.event->json) += ']';
}

/// Frames for clients that negotiated permessage-deflate; one for all connections of a thread, used
/// within its loop's turns. Not thread-safe.
///
/// An event is compressed once in a turn, for all its receivers. What differs among them, the head
/// with the subscription's id, stands before it as a stored block. Short messages are not
/// compressed, nor what gets no shorter.
class CompressedFrames {
 public:
  void append(std::string& out, const relay::Outgoing& message, Compression agreed);

  /// Forgets the events of this turn.
  void end_turn();

  /// A shorter event or text is not worth the work.
  static constexpr std::size_t least_bytes = 256;
  /// Of events in a turn; above these they are forgotten early.
  static constexpr std::size_t max_shared_bytes = 1024 * 1024, max_shared_events = 4096;

 private:
  struct Shared {
    nostr::EventPtr event;            // keeps the address from being taken by another event
    std::size_t begin = 0, size = 0;  // of its blocks in bytes_; none: it gets no shorter
  };

  void append_event(std::string& out, const relay::Outgoing& message);
  void append_text(std::string& out, const relay::Outgoing& message);
  std::string_view blocks_of(const nostr::EventPtr& event);
  Shared share(const nostr::EventPtr& event);

  Deflater deflater_;
  std::string text_;   // an event as it ends a message
  std::string bytes_;  // the blocks of all events in shared_
  std::unordered_map<const nostr::Event*, Shared> shared_;
};

}  // namespace net
