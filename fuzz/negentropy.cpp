// Any bytes as a negentropy message, to both roles over sets that the input chooses too: answers keep to their size and are
// read by the other role, what is read is in order, and nothing is learnt that the message does not name.
#include "nostr/negentropy.h"

#include <algorithm>

#include "check.h"

using namespace nostr::negentropy;

namespace {

/// A set of up to 255 items, some of one second: the first byte chooses the size, the second how they lie.
Items some_items(std::span<const std::uint8_t>& input) {
  if (input.size() < 2) return {};
  const std::size_t count = input[0];
  const std::size_t spread = input[1] + 1;
  input = input.subspan(2);
  std::vector<Item> items(count);
  for (std::size_t n = 0; n < count; ++n) {
    items[n].created_at = static_cast<base::UnixSeconds>(n / spread);
    items[n].id.bytes[n % 32] = static_cast<std::uint8_t>(n + 1);
  }
  return Items(std::move(items));
}

void read_ranges(std::span<const std::uint8_t> message) {
  RangeReader reader(message);
  Bound last;
  while (!reader.done()) {
    const auto range = reader.next();
    if (!range) return check(!describe(range.error()).empty(), "every error has its sentence");
    check(range->end >= last, "ranges ascend");
    check(range->ids.size() % 32 == 0, "ids are whole");
    last = range->end;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::uint8_t> input(data, size);
  const Items items = some_items(input);
  const bool narrow = size % 2 == 0;
  const std::size_t max_bytes = narrow ? least_max_bytes : 1 << 20;
  if (!input.empty()) read_ranges(input.subspan(1));

  const auto answer = respond(items, input, max_bytes);
  Difference difference;
  const auto next = resume(items, input, max_bytes, difference);
  if (answer) {
    check(answer->size() <= max_bytes, "an answer keeps to its size");
    Difference other;
    check(resume(items, *answer, max_bytes, other).has_value(), "an answer can be read");
    check(other.need.empty(), "who has the same lacks nothing");
  }
  if (next && *next) {
    check((*next)->size() <= max_bytes, "a message keeps to its size");
    check(respond(items, **next, max_bytes).has_value(), "a message can be read");
  }
  check(difference.need.size() * 32 <= size, "no more is lacked than was named");
  check(difference.have.size() <= items.size(), "no more is had than there is");
  return 0;
}
