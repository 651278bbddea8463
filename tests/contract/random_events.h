#pragma once
#include <random>

#include "contract/contract.h"

namespace test {

/// The seed of a random test: GATEWAY_SEED, else a new one. Name it in a SCOPED_TRACE.
std::uint64_t seed_from_environment();

/// Events, deletions and filters from small spaces of ids, authors, kinds, times and tags, so that
/// they meet often.
class RandomEvents {
 public:
  explicit RandomEvents(std::uint64_t seed) : random_(seed) {}

  /// A number from 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  /// True once in `n`.
  bool once_in(std::uint64_t n) { return below(n) == 0; }

  /// The id decides all the rest, as a hash would: the same id is the same event.
  EventBuilder event();
  FilterBuilder filter();
  Reading reading(store::Seq last);

  static constexpr std::uint64_t id_count = 400;
  static EventBuilder event_of(std::uint64_t id);

 private:
  std::mt19937_64 random_;
};

}  // namespace test
