#include "net/address_counts.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

namespace net {
namespace {

constexpr int count_bits = 32;
constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;

std::uint64_t open(std::uint64_t place) { return place & count_mask; }

std::uint64_t mix(std::uint64_t x) {  // splitmix64's finisher
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

AddressCounts::AddressCounts(std::size_t places)
    : buckets_(std::bit_ceil(std::max(places, bucket_places) / bucket_places)) {
  std::random_device random;
  salt_ = std::uint64_t{random()} << 32 | random();
}

std::uint64_t AddressCounts::hash(const base::IpAddress& address) const {
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), address.client().value.bytes.data(), sizeof halves);
  return mix(mix(halves[0] ^ salt_) + halves[1]);
}

std::optional<std::size_t> AddressCounts::find(const Bucket& bucket, std::uint64_t fingerprint) {
  std::optional<std::size_t> free;
  for (std::size_t i = 0; i < bucket_places; ++i) {
    const auto place = bucket.places[i].load(std::memory_order_relaxed);
    if (open(place) == 0)
      free = i;
    else if (place >> count_bits == fingerprint)
      return i;
  }
  return free;
}

std::optional<AddressCounts::Seat> AddressCounts::enter(const base::IpAddress& address,
                                                        std::int64_t most) {
  const auto key = hash(address);
  const auto fingerprint = key >> count_bits;
  const auto bucket = key & (buckets_.size() - 1);
  for (;;) {
    const auto found = find(buckets_[bucket], fingerprint);
    if (!found) return uncounted;
    auto& place = buckets_[bucket].places[*found];
    auto before = place.load(std::memory_order_relaxed);
    if (open(before) > 0 && before >> count_bits != fingerprint) continue;  // taken meanwhile
    if (open(before) >= static_cast<std::uint64_t>(most)) return std::nullopt;
    const auto after = fingerprint << count_bits | (open(before) + 1);
    if (place.compare_exchange_weak(before, after, std::memory_order_relaxed))
      return static_cast<Seat>(bucket * bucket_places + *found);
  }
}

void AddressCounts::leave(Seat seat) {
  if (seat == uncounted) return;
  buckets_[seat / bucket_places].places[seat % bucket_places].fetch_sub(1,
                                                                        std::memory_order_relaxed);
}

}  // namespace net
