#include "nostr/negentropy_wire.h"

#include <algorithm>
#include <utility>

#include "nostr/varint.h"

namespace nostr::negentropy {
namespace {

constexpr std::size_t id_bytes = std::tuple_size_v<decltype(EventId::bytes)>;

}  // namespace

std::string_view describe(Error error) {
  switch (error) {
    case Error::truncated:
      return "the negentropy message ends within a range";
    case Error::bad_number:
      return "the negentropy message has a number that is too large or too long";
    case Error::bad_bound:
      return "the ranges of the negentropy message do not ascend";
    case Error::unknown_mode:
      return "the negentropy message has a range of unknown mode";
    case Error::unsupported_version:
      return "the other side speaks another version of negentropy than 1";
  }
  return "the negentropy message cannot be read";
}

std::expected<Range, Error> RangeReader::next() {
  const auto end = bound();
  if (!end) return std::unexpected(end.error());
  const auto mode = number();
  if (!mode) return std::unexpected(mode.error());
  Range range{.end = *end};
  if (*mode == static_cast<std::uint64_t>(Mode::skip)) return range;
  if (*mode == static_cast<std::uint64_t>(Mode::fingerprint)) {
    const auto bytes = take(range.fingerprint.bytes.size());
    if (!bytes) return std::unexpected(bytes.error());
    std::ranges::copy(*bytes, range.fingerprint.bytes.begin());
    range.mode = Mode::fingerprint;
    return range;
  }
  if (*mode != static_cast<std::uint64_t>(Mode::ids)) return std::unexpected(Error::unknown_mode);
  const auto count = number();
  if (!count) return std::unexpected(count.error());
  if (*count > left_.size() / id_bytes) return std::unexpected(Error::truncated);
  const auto ids = take(*count * id_bytes);
  if (!ids) return std::unexpected(ids.error());
  range.ids = *ids;
  range.mode = Mode::ids;
  return range;
}

std::expected<std::uint64_t, Error> RangeReader::number() {
  const auto from_here = left_;
  if (const auto value = take_varint(left_)) return *value;
  const bool ends = std::ranges::any_of(from_here, [](std::uint8_t digit) { return digit < 128; });
  return std::unexpected(ends ? Error::bad_number : Error::truncated);
}

std::expected<std::span<const std::uint8_t>, Error> RangeReader::take(std::uint64_t bytes) {
  if (bytes > left_.size()) return std::unexpected(Error::truncated);
  const auto taken = left_.first(static_cast<std::size_t>(bytes));
  left_ = left_.subspan(taken.size());
  return taken;
}

std::expected<Bound, Error> RangeReader::bound() {
  const auto time = number();
  if (!time) return std::unexpected(time.error());
  const auto length = number();
  if (!length) return std::unexpected(length.error());
  if (*length > id_bytes) return std::unexpected(Error::bad_bound);
  const auto prefix = take(*length);
  if (!prefix) return std::unexpected(prefix.error());
  // Behind the end there is nothing to speak of, and no time reaches it by addition.
  if (last_.time == Bound::infinity || (*time > Bound::infinity - last_.time))
    return std::unexpected(Error::bad_bound);
  Bound bound{.time = *time == 0 ? Bound::infinity : last_.time + (*time - 1),
              .id = {},
              .id_bytes = prefix->size()};
  std::ranges::copy(*prefix, bound.id.bytes.begin());
  if (bound < last_) return std::unexpected(Error::bad_bound);
  return last_ = bound;
}

void RangeWriter::fingerprint(const Bound& end, const Fingerprint& fingerprint) {
  head(end, Mode::fingerprint);
  bytes_.insert(bytes_.end(), fingerprint.bytes.begin(), fingerprint.bytes.end());
}

void RangeWriter::ids(const Bound& end, const Items& items, std::size_t begin,
                      std::size_t end_index) {
  head(end, Mode::ids);
  append_varint(bytes_, end_index - begin);
  for (std::size_t i = begin; i < end_index; ++i)
    bytes_.insert(bytes_.end(), items[i].id.bytes.begin(), items[i].id.bytes.end());
}

void RangeWriter::head(const Bound& end, Mode mode) {
  if (skipped_) {
    bound(*std::exchange(skipped_, std::nullopt));
    append_varint(bytes_, static_cast<std::uint64_t>(Mode::skip));
  }
  bound(end);
  append_varint(bytes_, static_cast<std::uint64_t>(mode));
}

void RangeWriter::bound(const Bound& bound) {
  append_varint(bytes_, bound.time == Bound::infinity ? 0 : bound.time - last_time_ + 1);
  append_varint(bytes_, bound.id_bytes);
  bytes_.insert(bytes_.end(), bound.id.bytes.begin(),
                bound.id.bytes.begin() + static_cast<std::ptrdiff_t>(bound.id_bytes));
  last_time_ = bound.time;
}

}  // namespace nostr::negentropy
