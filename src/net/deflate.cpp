#include "net/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/padded_bytes.h"

namespace net {
namespace {

constexpr int raw_window_bits = -MAX_WBITS;  // negative: no zlib header around the blocks
constexpr int level = Z_BEST_SPEED;  // higher ones gain nothing on ids, signatures and ciphertext
constexpr int memory_level = 8;
constexpr std::size_t least_capacity = 16 * 1024;
constexpr std::size_t sync_marker = 4;  // 00 00 ff ff

/// zlib reads only, but its older interface takes no pointer to const.
void set_input(z_stream& stream, std::string_view bytes) {
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
}

void set_output(z_stream& stream, char* begin, std::size_t size) {
  stream.next_out = reinterpret_cast<Bytef*>(begin);
  stream.avail_out = static_cast<uInt>(size);
}

}  // namespace

Inflater::Inflater() = default;
Inflater::~Inflater() = default;

void Inflater::End::operator()(z_stream_s* stream) const {
  ::inflateEnd(stream);
  delete stream;
}

bool Inflater::begin() {
  if (stream_) return ::inflateReset(stream_.get()) == Z_OK;
  auto stream = std::make_unique<z_stream>();
  if (::inflateInit2(stream.get(), raw_window_bits) != Z_OK) return false;
  stream_.reset(stream.release());
  return true;
}

/// More room behind the text so far, up to `most`.
void Inflater::grow(std::size_t most) {
  const std::size_t capacity = std::min(std::max(2 * capacity_, least_capacity), most);
  auto larger = std::make_unique_for_overwrite<char[]>(capacity + text_padding);
  std::copy_n(text_.get(), capacity_, larger.get());
  std::fill_n(larger.get() + capacity, text_padding, '\0');
  text_ = std::move(larger);
  capacity_ = capacity;
}

std::expected<std::string_view, InflateError> Inflater::inflate(std::string_view payload,
                                                                std::size_t max_bytes) {
  if (!begin()) return std::unexpected(InflateError::bad_data);
  set_input(*stream_, payload);
  std::size_t size = 0;
  for (;;) {
    if (size == capacity_) grow(max_bytes + 1);
    const std::size_t room = std::min(capacity_, max_bytes + 1) - size;
    set_output(*stream_, text_.get() + size, room);
    const int result = ::inflate(stream_.get(), Z_SYNC_FLUSH);
    size += room - stream_->avail_out;
    if (size > max_bytes) return std::unexpected(InflateError::too_big);
    if (result == Z_STREAM_END) {
      // A final block ends no message: others may follow (RFC 7692 §7.2.3.4).
      if (stream_->avail_in == 0) break;
      ::inflateReset(stream_.get());
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      return std::unexpected(InflateError::bad_data);
    } else if (stream_->avail_out > 0) {
      // All input is taken. A whole message ends where the 4 bytes that are left out would begin.
      if (::inflateSyncPoint(stream_.get()) != 1) return std::unexpected(InflateError::bad_data);
      break;
    }
  }
  return std::string_view(text_.get(), size);
}

Deflater::Deflater() = default;
Deflater::~Deflater() = default;

void Deflater::End::operator()(z_stream_s* stream) const {
  ::deflateEnd(stream);
  delete stream;
}

bool Deflater::begin() {
  if (stream_) return ::deflateReset(stream_.get()) == Z_OK;
  auto stream = std::make_unique<z_stream>();
  if (::deflateInit2(stream.get(), level, Z_DEFLATED, raw_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    return false;
  stream_.reset(stream.release());
  return true;
}

bool Deflater::append(std::string& out, std::string_view text) {
  if (!begin()) return false;
  const std::size_t before = out.size();
  const std::size_t most = ::deflateBound(stream_.get(), text.size()) + stored_block_head;
  set_input(*stream_, text);
  bool whole = false;
  out.resize_and_overwrite(before + most, [&](char* bytes, std::size_t) {
    set_output(*stream_, bytes + before, most);
    whole = ::deflate(stream_.get(), Z_SYNC_FLUSH) == Z_OK && stream_->avail_out > 0;
    return whole ? before + most - stream_->avail_out - sync_marker : before;
  });
  return whole;
}

void append_stored_block(std::string& out, std::string_view text) {
  const auto low = static_cast<char>(text.size());
  const auto high = static_cast<char>(text.size() >> 8);
  const std::array<char, stored_block_head> head = {0, low, high, static_cast<char>(~low),
                                                    static_cast<char>(~high)};
  out.append(head.data(), head.size()).append(text);
}

}  // namespace net
