#include "net/outgoing_frames.h"

namespace net {
namespace {

constexpr char rsv1 = 0x40;

/// The header of a compressed message (RFC 7692 §6.1).
void append_compressed_header(std::string& out, std::size_t length) {
  const std::size_t first = out.size();
  append_frame_header(out, Opcode::text, length);
  out[first] = static_cast<char>(out[first] | rsv1);
}

}  // namespace

void CompressedFrames::append(std::string& out, const relay::Outgoing& message,
                              Compression agreed) {
  const std::size_t size = message.event ? message.event->json.size() + 1 : message.head->size();
  // We compress with the largest window, 2^15: where all fits into a smaller one, nothing can refer
  // further back than that allows.
  const bool in_window = agreed.window_bits == 15 || size <= (std::size_t{1} << agreed.window_bits);
  if (size < least_bytes || !in_window) return append_plain(out, message);
  message.event ? append_event(out, message) : append_text(out, message);
}

void CompressedFrames::append_event(std::string& out, const relay::Outgoing& message) {
  const std::string_view blocks = blocks_of(message.event);
  if (blocks.empty() || message.head->size() > max_stored_block) return append_plain(out, message);
  append_compressed_header(out, stored_block_head + message.head->size() + blocks.size());
  append_stored_block(out, *message.head);
  out += blocks;
}

std::string_view CompressedFrames::blocks_of(const nostr::EventPtr& event) {
  auto known = shared_.find(event.get());
  if (known == shared_.end()) {
    if (bytes_.size() > max_shared_bytes || shared_.size() >= max_shared_events) end_turn();
    known = shared_.emplace(event.get(), share(event)).first;
  }
  return std::string_view(bytes_).substr(known->second.begin, known->second.size);
}

CompressedFrames::Shared CompressedFrames::share(const nostr::EventPtr& event) {
  Shared shared{.event = event, .begin = bytes_.size()};
  text_.assign(event->json) += ']';
  if (!deflater_.append(bytes_, text_)) return shared;
  shared.size = bytes_.size() - shared.begin;
  if (shared.size + stored_block_head < text_.size()) return shared;
  bytes_.resize(shared.begin);
  shared.size = 0;
  return shared;
}

void CompressedFrames::append_text(std::string& out, const relay::Outgoing& message) {
  text_.clear();
  if (!deflater_.append(text_, *message.head) || text_.size() >= message.head->size())
    return append_plain(out, message);
  append_compressed_header(out, text_.size());
  out += text_;
}

void CompressedFrames::end_turn() {
  if (shared_.empty()) return;  // clearing goes through all buckets that there ever were
  shared_.clear();
  bytes_.clear();
}

}  // namespace net
