#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "store/memory/memory_store.h"

namespace store {
namespace {

/// Fills a parcel with a part of a list of things: counts them, so that the next one goes on there.
class Packer {
 public:
  Packer(Parcel& parcel, std::size_t skipped, std::size_t max_bytes)
      : parcel_(parcel), skipped_(skipped), max_bytes_(std::max<std::size_t>(1, max_bytes)) {}

  template <typename Thing>
  void add(std::vector<Thing>& things, Thing thing, std::size_t bytes) {
    const std::size_t number = seen_++;
    if (number < skipped_ || parcel_.next) return;
    if (bytes_ >= max_bytes_) {
      parcel_.next = std::to_string(number);
      return;
    }
    bytes_ += bytes;
    things.push_back(std::move(thing));
  }

 private:
  Parcel& parcel_;
  const std::size_t skipped_, max_bytes_;
  std::size_t seen_ = 0, bytes_ = 0;
};

}  // namespace

void MemoryStore::MemoryLedger::pack(Parcel& parcel, std::size_t skipped,
                                     std::size_t max_bytes) const {
  Packer packer(parcel, skipped, max_bytes);
  for (const auto& [place, until] : tombstones)
    packer.add(parcel.tombstones, {place.first, place.second, until}, place.second.size());
  for (const auto& [key, vanish] : unfinished) packer.add(parcel.vanishing, vanish, sizeof vanish);
  for (const auto& [key, row] : rows)
    packer.add(parcel.rows, {key, row.value, row.expires_at}, key.size() + row.value.size());
  std::vector<StoredEvent> by_number;
  for (const auto& [position, stored] : events) by_number.push_back(stored);
  std::ranges::sort(by_number, {}, &StoredEvent::seq);
  for (const StoredEvent& stored : by_number)
    packer.add(parcel.events, stored, stored.event->json.size());
}

void MemoryStore::MemoryLedger::unpack(const Parcel& parcel) {
  for (const auto& [kind, key, until] : parcel.tombstones) tombstones[{kind, key}] = until;
  for (const Vanish& vanish : parcel.vanishing) begin_vanishing(vanish);
  for (const RowChange& row : parcel.rows) change_row(row);
  for (const StoredEvent& stored : parcel.events) insert(stored);
}

boost::asio::awaitable<std::expected<Parcel, StoreError>> MemoryStore::dump(
    std::optional<std::string> after, std::size_t max_bytes) {
  std::shared_lock lock(mutex_);
  Parcel parcel{.first = !after, .last = last_};
  ledger_.pack(parcel, after ? std::strtoull(after->c_str(), nullptr, 10) : 0, max_bytes);
  co_return parcel;
}

boost::asio::awaitable<std::expected<void, StoreError>> MemoryStore::load(const Parcel& parcel) {
  std::unique_lock lock(mutex_);
  if (auto refusal = refusal_of(parcel, last_, unfinished_))
    co_return std::unexpected(*std::move(refusal));
  ledger_.unpack(parcel);
  last_ = number_with(parcel, last_);
  unfinished_ = parcel.next.has_value();
  co_return std::expected<void, StoreError>();
}

}  // namespace store
