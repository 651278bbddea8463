#include "net/websocket_frames.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "net/utf8.h"

static_assert(net::text_padding >= simdjson::SIMDJSON_PADDING);

namespace net {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t compressed_bit = 0x40;  // RSV1, RFC 7692 §6
constexpr std::size_t max_control_payload = 125;

bool is_control(Opcode opcode) { return (static_cast<std::uint8_t>(opcode) & 0x8) != 0; }

bool is_known(Opcode opcode) {
  return opcode <= Opcode::binary || (is_control(opcode) && opcode <= Opcode::pong);
}

std::uint64_t big_endian(std::span<const char> bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

void unmask(std::span<char> payload, const std::array<char, 4>& mask) {
  std::array<char, 8> twice;
  std::copy_n(mask.begin(), 4, std::copy_n(mask.begin(), 4, twice.begin()));
  std::uint64_t key;
  std::memcpy(&key, twice.data(), sizeof key);
  std::size_t i = 0;
  for (; i + sizeof key <= payload.size(); i += sizeof key) {
    std::uint64_t word;
    std::memcpy(&word, payload.data() + i, sizeof word);
    word ^= key;
    std::memcpy(payload.data() + i, &word, sizeof word);
  }
  for (; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
}

/// May stand in a Close frame: RFC 6455 §7.4 and the IANA registry (1012 to 1014).
bool may_be_sent(std::uint64_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

void FrameReader::feed(std::span<char> bytes) {
  if (!kept_ || kept_->unread.empty()) {
    input_ = bytes;
    return;
  }
  kept_->unread.append({bytes.data(), bytes.size()});
  input_ = kept_->unread.span();
}

void FrameReader::keep() {
  const auto rest = std::exchange(input_, {});
  if (finished_) return kept_.reset();
  release_joined();
  if (kept_ && !kept_->unread.empty()) {
    kept_->unread.drop_front(kept_->unread.size() - rest.size());
  } else if (!rest.empty()) {
    if (!kept_) kept_ = std::make_unique<Kept>();
    kept_->unread.append({rest.data(), rest.size()});
  }
  if (kept_ && !kept_->in_message && kept_->unread.empty()) kept_.reset();
}

FrameEvent FrameReader::next(Inflater* inflater) {
  if (finished_) return {};
  release_joined();
  Header header;
  while (read_header(input_, header)) {
    if (const Failure* broken = failure(header, inflater != nullptr)) return fail(*broken);
    if (input_.size() - header.size < header.length) return {};
    const FrameEvent event = accept(header, take_payload(header), inflater);
    if (event.kind != FrameEvent::Kind::need_more) return event;
  }
  return {};
}

bool FrameReader::read_header(std::span<const char> bytes, Header& header) {
  if (bytes.size() < 2) return false;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  const auto second = static_cast<std::uint8_t>(bytes[1]);
  header.final = (first & final_bit) != 0;
  header.reserved_bits = first & 0x70;
  header.opcode = static_cast<Opcode>(first & 0x0F);
  header.masked = (second & mask_bit) != 0;
  header.length = second & 0x7F;
  const std::size_t extra = header.length == 126 ? 2 : header.length == 127 ? 8 : 0;
  const std::size_t size = 2 + extra + (header.masked ? 4 : 0);
  if (bytes.size() < size) return false;
  header.size = static_cast<std::uint8_t>(size);
  header.minimal = true;
  if (extra > 0) {
    header.length = big_endian(bytes.subspan(2, extra));
    header.minimal = header.length > (extra == 2 ? 125 : 0xFFFF);
  }
  if (header.masked) std::copy_n(bytes.data() + 2 + extra, 4, header.mask.begin());
  return true;
}

/// Rules that a frame can break on its own (RFC 6455 §5.1, §5.2, §5.5).
const FrameReader::Failure* FrameReader::frame_failure(const Header& header) {
  using namespace close_code;
  static constexpr Failure unmasked{protocol_error, "frames from a client must be masked"};
  static constexpr Failure unknown_opcode{protocol_error, "unknown opcode"};
  static constexpr Failure bad_length{protocol_error,
                                      "the length must take as few bytes as possible"};
  static constexpr Failure long_control{protocol_error,
                                        "a control frame must not be longer than 125 bytes"};
  static constexpr Failure split_control{protocol_error, "a control frame must not be fragmented"};
  static constexpr Failure binary{unsupported_data,
                                  "please send text: this relay takes no binary messages"};

  if (!is_known(header.opcode)) return &unknown_opcode;
  if (!header.masked) return &unmasked;
  if (!header.minimal) return &bad_length;
  if (is_control(header.opcode) && header.length > max_control_payload) return &long_control;
  if (is_control(header.opcode) && !header.final) return &split_control;
  if (header.opcode == Opcode::binary) return &binary;
  return nullptr;
}

const FrameReader::Failure* FrameReader::failure(const Header& header, bool may_compress) const {
  using namespace close_code;
  static constexpr Failure reserved_bits{protocol_error, "reserved bits must be 0"};
  static constexpr Failure not_begun{protocol_error, "a continuation without a message"};
  static constexpr Failure not_ended{protocol_error, "a new message inside a fragmented one"};
  static constexpr Failure too_big{message_too_big, "the message is too big"};

  const bool begins_data = header.opcode == Opcode::text || header.opcode == Opcode::binary;
  const std::uint8_t allowed_bits = may_compress && begins_data ? compressed_bit : 0;
  if ((header.reserved_bits & ~allowed_bits) != 0) return &reserved_bits;
  if (const Failure* broken = frame_failure(header)) return broken;
  if (is_control(header.opcode)) return nullptr;
  if (header.opcode == Opcode::continuation && !in_message()) return &not_begun;
  if (header.opcode != Opcode::continuation && in_message()) return &not_ended;
  const std::size_t joined = in_message() ? kept_->message.size() : 0;
  if (header.length > max_message_bytes_ - joined) return &too_big;
  return nullptr;
}

std::string_view FrameReader::take_payload(const Header& header) {
  const auto payload = input_.subspan(header.size, header.length);
  unmask(payload, header.mask);
  input_ = input_.subspan(header.size + header.length);
  return {payload.data(), payload.size()};
}

FrameEvent FrameReader::accept(const Header& header, std::string_view payload, Inflater* inflater) {
  switch (header.opcode) {
    case Opcode::close:
      return accept_close(payload);
    case Opcode::ping:
      return {FrameEvent::Kind::ping, payload};
    case Opcode::pong:
      return {};
    default:
      return accept_data(header, payload, inflater);
  }
}

FrameEvent FrameReader::accept_data(const Header& header, std::string_view payload,
                                    Inflater* inflater) {
  const bool compressed = in_message() ? kept_->compressed : header.reserved_bits != 0;
  if (header.final && !in_message())
    return compressed ? accept_compressed(payload, *inflater) : accept_text(payload);
  if (!kept_) kept_ = std::make_unique<Kept>();
  kept_->message.append(payload);
  kept_->in_message = !header.final;
  kept_->compressed = compressed;
  if (!header.final) return compressed ? FrameEvent{} : check_beginning();
  // A view of no bytes has no padding; the caller's has.
  const auto message = kept_->message.empty() ? payload : kept_->message.view();
  return compressed ? accept_compressed(message, *inflater)
                    : accept_text(message, std::exchange(kept_->checked, 0));
}

/// Of a message in fragments: a wrong byte is refused when it comes, not at the message's end.
FrameEvent FrameReader::check_beginning() {
  const auto whole = whole_characters(kept_->message.view().substr(kept_->checked));
  if (!whole) return refuse_text();
  kept_->checked += *whole;
  return {};
}

FrameEvent FrameReader::accept_compressed(std::string_view message, Inflater& inflater) {
  static constexpr Failure bad_data{close_code::invalid_text,
                                    "a compressed message must be whole DEFLATE blocks"};
  static constexpr Failure too_big{close_code::message_too_big,
                                   "the message is too big when inflated"};
  const auto text = inflater.inflate(message, max_message_bytes_);
  if (text) return accept_text(*text);
  return fail(text.error() == InflateError::too_big ? too_big : bad_data);
}

/// `checked`: bytes at its front that are known to be good.
FrameEvent FrameReader::accept_text(std::string_view message, std::size_t checked) {
  if (!is_utf8(message.substr(checked))) return refuse_text();
  return {FrameEvent::Kind::text, message};
}

FrameEvent FrameReader::refuse_text() {
  static constexpr Failure not_utf8{close_code::invalid_text, "a text message must be valid UTF-8"};
  return fail(not_utf8);
}

FrameEvent FrameReader::accept_close(std::string_view payload) {
  static constexpr Failure bad_payload{close_code::protocol_error,
                                       "a close frame needs a valid close code"};
  static constexpr Failure not_utf8{close_code::invalid_text, "a close reason must be valid UTF-8"};
  if (payload.empty()) {
    finished_ = true;
    return {FrameEvent::Kind::close};
  }
  if (payload.size() < 2) return fail(bad_payload);
  const std::uint64_t code = big_endian(std::span(payload).first(2));
  if (!may_be_sent(code)) return fail(bad_payload);
  if (!is_utf8(payload.substr(2))) return fail(not_utf8);
  finished_ = true;
  return {FrameEvent::Kind::close, {}, static_cast<std::uint16_t>(code)};
}

FrameEvent FrameReader::fail(const Failure& failure) {
  finished_ = true;
  return {FrameEvent::Kind::failure, failure.text, failure.code};
}

void FrameReader::release_joined() {
  if (kept_ && !kept_->in_message) kept_->message.clear();
}

void append_frame_header(std::string& out, Opcode opcode, std::size_t length) {
  out.push_back(static_cast<char>(final_bit | static_cast<std::uint8_t>(opcode)));
  const int extra = length <= max_control_payload ? 0 : length <= 0xFFFF ? 2 : 8;
  out.push_back(static_cast<char>(extra == 0 ? length : extra == 2 ? 126 : 127));
  for (int shift = 8 * (extra - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(length >> shift));
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  append_frame_header(out, opcode, payload.size());
  out.append(payload);
}

void append_close(std::string& out, std::uint16_t code, std::string_view text) {
  if (code == 0) return append_frame_header(out, Opcode::close, 0);
  append_frame_header(out, Opcode::close, 2 + text.size());
  out.push_back(static_cast<char>(code >> 8));
  out.push_back(static_cast<char>(code));
  out.append(text);
}

}  // namespace net
