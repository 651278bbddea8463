#include "nostr/negentropy_items.h"

#include <openssl/sha.h>

#include <algorithm>

#include "nostr/varint.h"

namespace nostr::negentropy {
namespace {

constexpr std::size_t items_per_sum = 64;

/// Ids count as little-endian numbers.
std::uint64_t limb_of(const EventId& id, std::size_t limb) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8 | id.bytes[8 * limb + i];
  return value;
}

std::uint64_t time_of(const Item& item) { return static_cast<std::uint64_t>(item.created_at); }

bool is_before(const Item& item, const Bound& bound) {
  return time_of(item) < bound.time || (time_of(item) == bound.time && item.id < bound.id);
}

}  // namespace

Bound Bound::at(const Item& item) {
  return {.time = time_of(item), .id = item.id, .id_bytes = item.id.bytes.size()};
}

Bound Bound::between(const Item& before, const Item& behind) {
  Bound bound{.time = time_of(behind), .id = {}, .id_bytes = 0};
  if (before.created_at != behind.created_at) return bound;
  const auto differs = std::ranges::mismatch(before.id.bytes, behind.id.bytes).in2;
  const auto shared = differs - behind.id.bytes.begin();
  bound.id_bytes = std::min(static_cast<std::size_t>(shared) + 1, behind.id.bytes.size());
  std::copy_n(behind.id.bytes.begin(), bound.id_bytes, bound.id.bytes.begin());
  return bound;
}

Items::Items(std::vector<Item> items) : items_(std::move(items)) {
  std::ranges::sort(items_);
  items_.erase(std::ranges::unique(items_).begin(), items_.end());
  items_.shrink_to_fit();
  sums_.reserve(items_.size() / items_per_sum + 1);
  Sum sum;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (i % items_per_sum == 0) sums_.push_back(sum);
    sum.add(items_[i].id);
  }
  if (items_.size() % items_per_sum == 0) sums_.push_back(sum);
}

std::size_t Items::lower_bound(std::size_t from, const Bound& bound) const {
  const auto first = items_.begin() + static_cast<std::ptrdiff_t>(from);
  return static_cast<std::size_t>(std::lower_bound(first, items_.end(), bound, is_before) -
                                  items_.begin());
}

Fingerprint Items::fingerprint(std::size_t begin, std::size_t end) const {
  Sum sum = sum_of_first(end);
  sum.subtract(sum_of_first(begin));
  std::vector<std::uint8_t> hashed;
  for (const std::uint64_t limb : sum.limbs) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      hashed.push_back(static_cast<std::uint8_t>(limb >> shift));
  }
  append_varint(hashed, end - begin);
  base::Bytes32 digest;
  SHA256(hashed.data(), hashed.size(), digest.bytes.data());
  Fingerprint fingerprint;
  std::copy_n(digest.bytes.begin(), fingerprint.bytes.size(), fingerprint.bytes.begin());
  return fingerprint;
}

Items::Sum Items::sum_of_first(std::size_t count) const {
  if (count == 0) return {};
  const std::size_t known = count / items_per_sum;
  Sum sum = sums_[known];
  for (std::size_t i = known * items_per_sum; i < count; ++i) sum.add(items_[i].id);
  return sum;
}

void Items::Sum::add(const EventId& id) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < limbs.size(); ++i) {
    const std::uint64_t more = limb_of(id, i);
    const std::uint64_t added = limbs[i] + more;
    limbs[i] = added + carry;
    carry = (added < more ? 1u : 0u) | (limbs[i] < added ? 1u : 0u);
  }
}

void Items::Sum::subtract(const Sum& other) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < limbs.size(); ++i) {
    const std::uint64_t before = limbs[i];
    const std::uint64_t taken = before - other.limbs[i];
    limbs[i] = taken - borrow;
    borrow = (before < other.limbs[i] ? 1u : 0u) | (taken < borrow ? 1u : 0u);
  }
}

}  // namespace nostr::negentropy
