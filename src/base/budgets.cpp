#include "base/budgets.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <random>

namespace base {
namespace {

constexpr int time_bits = 40;  // 34 years of milliseconds
constexpr std::uint64_t time_mask = (std::uint64_t{1} << time_bits) - 1;
// Times count from here, or they would not fit.
constexpr UnixSeconds epoch_s = 1'600'000'000;

std::uint64_t mix(std::uint64_t x) {  // splitmix64's finisher
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t fingerprint(std::uint64_t purse) { return purse >> time_bits << time_bits; }

std::uint64_t full_at(std::uint64_t place) { return place & time_mask; }

/// The purse's time after one more event; over `now_ms + period` it is overdrawn.
std::uint64_t after_one(std::uint64_t place, Budgets::Rate rate, std::uint64_t now_ms) {
  const auto period_ms = static_cast<std::uint64_t>(rate.period_s) * 1000;
  const auto step = std::max<std::uint64_t>(1, period_ms / static_cast<std::uint64_t>(rate.count));
  // A clock that was set back must not leave anyone waiting longer than one period.
  const std::uint64_t full = std::min(full_at(place), now_ms + period_ms);
  return std::max(full, now_ms) + step;
}

std::uint64_t overdraft_ms(std::uint64_t place, Budgets::Rate rate, std::uint64_t now_ms) {
  const std::uint64_t limit = now_ms + static_cast<std::uint64_t>(rate.period_s) * 1000;
  const std::uint64_t wanted = after_one(place, rate, now_ms);
  return wanted > limit ? wanted - limit : 0;
}

std::uint64_t ms_since_epoch(UnixSeconds now) {
  return static_cast<std::uint64_t>(std::max<UnixSeconds>(0, now - epoch_s)) * 1000;
}

}  // namespace

Budgets::Budgets(std::size_t places)
    : buckets_(std::bit_ceil(std::max(places, bucket_places) / bucket_places)) {
  std::random_device random;
  salt_ = std::uint64_t{random()} << 32 | random();
}

std::uint64_t Budgets::purse(char purpose, std::string_view owner) const {
  const std::uint64_t hash = std::hash<std::string_view>{}(owner);
  return mix(mix(hash ^ salt_) + static_cast<unsigned char>(purpose)) | std::uint64_t{1} << 63;
}

Budgets::Place& Budgets::place_of(std::uint64_t purse) {
  Bucket& bucket = buckets_[purse & (buckets_.size() - 1)];
  const auto mine = std::ranges::find_if(bucket.places, [&](const Place& place) {
    return fingerprint(place.load(std::memory_order_relaxed)) == fingerprint(purse);
  });
  if (mine != bucket.places.end()) return *mine;
  Place& victim = *std::ranges::min_element(bucket.places, {}, [](const Place& place) {
    return full_at(place.load(std::memory_order_relaxed));
  });
  victim.store(fingerprint(purse), std::memory_order_relaxed);
  return victim;
}

std::optional<UnixSeconds> Budgets::wait(std::span<const Charge> charges, UnixSeconds now) {
  const std::uint64_t now_ms = ms_since_epoch(now);
  std::uint64_t wait_ms = 0;
  for (const Charge& charge : charges) {
    if (charge.rate.count > 0)
      wait_ms = std::max(wait_ms, overdraft_ms(place_of(charge.purse).load(), charge.rate, now_ms));
  }
  if (wait_ms == 0) return std::nullopt;
  return static_cast<UnixSeconds>((wait_ms + 999) / 1000);
}

std::optional<UnixSeconds> Budgets::spend(std::span<const Charge> charges, UnixSeconds now) {
  if (const auto seconds = wait(charges, now)) return seconds;
  const std::uint64_t now_ms = ms_since_epoch(now);
  for (const Charge& charge : charges) {
    if (charge.rate.count == 0) continue;
    Place& place = place_of(charge.purse);
    place.store(fingerprint(charge.purse) | after_one(place.load(), charge.rate, now_ms));
  }
  return std::nullopt;
}

}  // namespace base
