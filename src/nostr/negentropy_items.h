#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "nostr/event.h"

namespace nostr::negentropy {

/// What a set to reconcile knows of an event. In the order of the protocol: oldest first, lowest id first among equals.
struct Item {
  base::UnixSeconds created_at = 0;
  EventId id;

  friend auto operator<=>(const Item&, const Item&) = default;
};

/// A place between items: what is at or behind it lies above.
struct Bound {
  static constexpr std::uint64_t infinity = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t time = 0;
  EventId id;                ///< zero behind `id_bytes`
  std::size_t id_bytes = 0;  ///< how much of the id the place needs: 0 to 32

  [[nodiscard]] static Bound end() { return {.time = infinity, .id = {}, .id_bytes = 0}; }
  [[nodiscard]] static Bound at(const Item& item);
  /// The shortest one between two neighbours.
  [[nodiscard]] static Bound between(const Item& before, const Item& behind);

  friend bool operator==(const Bound& a, const Bound& b) {
    return a.time == b.time && a.id == b.id;
  }
  friend auto operator<=>(const Bound& a, const Bound& b) {
    if (const auto order = a.time <=> b.time; order != 0) return order;
    return a.id <=> b.id;
  }
};

using Fingerprint = base::FixedBytes<16>;

/// A set of items, sealed: sorted, and each range's fingerprint at hand in a time that does not grow with the range.
/// Immutable; 40.5 bytes an item.
class Items {
 public:
  Items() = default;
  /// In any order; what is there twice counts once. REQUIRES: no created_at below 0.
  explicit Items(std::vector<Item> items);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] const Item& operator[](std::size_t index) const { return items_[index]; }
  /// The first at or behind `bound`, looking from the index `from` on; size() if there is none.
  [[nodiscard]] std::size_t lower_bound(std::size_t from, const Bound& bound) const;
  /// Of the items [begin, end): the sum of their ids mod 2^256, and how many they are, hashed.
  [[nodiscard]] Fingerprint fingerprint(std::size_t begin, std::size_t end) const;

 private:
  /// 256 bits, the least significant 64 first.
  struct Sum {
    std::array<std::uint64_t, 4> limbs{};
    void add(const EventId& id);
    void subtract(const Sum& other);
  };
  /// Of the first `count` items.
  [[nodiscard]] Sum sum_of_first(std::size_t count) const;

  std::vector<Item> items_;
  std::vector<Sum> sums_;  // of the first 0, 64, 128, … items
};

}  // namespace nostr::negentropy
