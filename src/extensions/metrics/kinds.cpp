#include "extensions/metrics/kinds.h"

#include <algorithm>

namespace extensions::metrics {
namespace {

static_assert(std::ranges::is_sorted(named_kinds));

constexpr std::array<nostr::Kind, 9> gateway_kinds = {443,   445,   446,   450,  1059,
                                                      10050, 10051, 21059, 30443};

}  // namespace

std::size_t slot_of(nostr::Kind kind) {
  const auto found = std::ranges::lower_bound(named_kinds, kind);
  return found != named_kinds.end() && *found == kind
             ? static_cast<std::size_t>(found - named_kinds.begin())
             : named_kinds.size();
}

std::string label_of(std::size_t slot) {
  return slot < named_kinds.size() ? std::to_string(named_kinds[slot]) : "other";
}

bool is_gateway_kind(std::size_t slot) {
  return slot < named_kinds.size() && std::ranges::binary_search(gateway_kinds, named_kinds[slot]);
}

}  // namespace extensions::metrics
