#include "nostr/negentropy.h"

#include <algorithm>
#include <iterator>

namespace nostr::negentropy {
namespace {

constexpr std::size_t buckets = 16;
constexpr std::size_t id_bytes = std::tuple_size_v<decltype(EventId::bytes)>;
// A skip and a head before a list of ids, and a last fingerprint behind it.
constexpr std::size_t frame_bytes = 160;
// The longest that a range can become by split(), frame included: 31 ids, or 16 fingerprints with their bounds.
constexpr std::size_t range_bytes = 1500;
static_assert(range_bytes < least_max_bytes);

/// Says more about items[lower, upper) than a fingerprint of all of them did: those of its parts, or its ids.
void split(const Items& items, std::size_t lower, std::size_t upper, const Bound& end,
           RangeWriter& out) {
  const std::size_t count = upper - lower;
  if (count < 2 * buckets) return out.ids(end, items, lower, upper);
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    const std::size_t next = lower + count / buckets + (bucket < count % buckets ? 1 : 0);
    const Bound bound = next == upper ? end : Bound::between(items[next - 1], items[next]);
    out.fingerprint(bound, items.fingerprint(lower, next));
    lower = next;
  }
}

/// All from items[lower] on is left for the next round.
void postpone(const Items& items, std::size_t lower, RangeWriter& out) {
  out.fingerprint(Bound::end(), items.fingerprint(lower, items.size()));
}

/// The ids of items[lower, upper) as far as they fit; the first that did not.
std::size_t name(const Items& items, std::size_t lower, std::size_t upper, const Bound& end,
                 std::size_t max_bytes, RangeWriter& out) {
  const std::size_t room = (max_bytes - frame_bytes - out.size()) / id_bytes;
  const std::size_t named = std::min(upper, lower + room);
  out.ids(named == upper ? end : Bound::at(items[named]), items, lower, named);
  return named;
}

void compare(const Items& items, std::size_t lower, std::size_t upper, const Range& range,
             Difference& difference) {
  std::vector<EventId> theirs(range.ids.size() / id_bytes);
  for (std::size_t i = 0; i < theirs.size(); ++i)
    std::ranges::copy(range.ids.subspan(i * id_bytes, id_bytes), theirs[i].bytes.begin());
  std::ranges::sort(theirs);
  std::vector<EventId> ours;
  for (std::size_t i = lower; i < upper; ++i) ours.push_back(items[i].id);
  std::ranges::sort(ours);
  std::ranges::set_difference(ours, theirs, std::back_inserter(difference.have));
  std::ranges::set_difference(theirs, ours, std::back_inserter(difference.need));
}

/// Walks over the ranges of a message: answers skips and fingerprints, and lets `on_ids(range, lower, upper)` answer lists;
/// it gives the index up to which it came, `upper` if it did all.
template <typename OnIds>
std::expected<void, Error> walk(const Items& items, std::span<const std::uint8_t> ranges,
                                std::size_t max_bytes, RangeWriter& out, OnIds on_ids) {
  RangeReader reader(ranges);
  std::size_t lower = 0;
  while (!reader.done()) {
    const auto range = reader.next();
    if (!range) return std::unexpected(range.error());
    if (out.size() + range_bytes > max_bytes) {
      postpone(items, lower, out);
      return {};
    }
    const std::size_t upper = items.lower_bound(lower, range->end);
    if (range->mode == Mode::ids) {
      const std::size_t reached = on_ids(*range, lower, upper);
      if (reached < upper) {
        postpone(items, reached, out);
        return {};
      }
    } else if (range->mode == Mode::skip || range->fingerprint == items.fingerprint(lower, upper)) {
      out.skip(range->end);
    } else {
      split(items, lower, upper, range->end, out);
    }
    lower = upper;
  }
  return {};
}

}  // namespace

Bytes initiate(const Items& items) {
  RangeWriter out;
  split(items, 0, items.size(), Bound::end(), out);
  return std::move(out).take();
}

std::expected<Bytes, Error> respond(const Items& items, std::span<const std::uint8_t> message,
                                    std::size_t max_bytes) {
  if (message.empty()) return std::unexpected(Error::truncated);
  RangeWriter out;
  if (message.front() != protocol_version) return std::move(out).take();
  const auto name_ours = [&](const Range& range, std::size_t lower, std::size_t upper) {
    return name(items, lower, upper, range.end, max_bytes, out);
  };
  if (auto walked = walk(items, message.subspan(1), max_bytes, out, name_ours); !walked)
    return std::unexpected(walked.error());
  return std::move(out).take();
}

std::expected<std::optional<Bytes>, Error> resume(const Items& items,
                                                  std::span<const std::uint8_t> answer,
                                                  std::size_t max_bytes, Difference& difference) {
  if (answer.empty()) return std::unexpected(Error::truncated);
  if (answer.front() != protocol_version) return std::unexpected(Error::unsupported_version);
  RangeWriter out;
  const auto learn = [&](const Range& range, std::size_t lower, std::size_t upper) {
    compare(items, lower, upper, range, difference);
    out.skip(range.end);
    return upper;
  };
  if (auto walked = walk(items, answer.subspan(1), max_bytes, out, learn); !walked)
    return std::unexpected(walked.error());
  if (out.size() == 1) return std::nullopt;
  return std::move(out).take();
}

}  // namespace nostr::negentropy
