#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ip_address.h"

namespace net {

/// How many connections each client (IpAddress::client) has open, over all workers. Fixed memory.
///
/// Thread-safe without locks. Clients stand under salted hashes in buckets of a cache line; where a bucket is full of others, a
/// client is let in uncounted, which errs towards letting through. Two threads that count a client's first connections at
/// the same instant may give it two counts.
class AddressCounts {
 public:
  /// Where a connection is counted; to be given back to leave().
  using Seat = std::uint32_t;
  static constexpr Seat uncounted = 0xffff'ffff;

  /// Memory: 8 bytes for each of `places`, rounded up to a power of two; twice max_connections fills no bucket easily.
  explicit AddressCounts(std::size_t places);

  /// nullopt: `most` connections of this client are open.
  [[nodiscard]] std::optional<Seat> enter(const base::IpAddress& address, std::int64_t most);
  void leave(Seat seat);

 private:
  static constexpr std::size_t bucket_places = 8;
  /// Fingerprint of the client in the high 32 bits, its open connections in the low; free when there are none.
  using Place = std::atomic<std::uint64_t>;
  struct alignas(64) Bucket {
    std::array<Place, bucket_places> places{};
  };

  [[nodiscard]] std::uint64_t hash(const base::IpAddress& address) const;
  /// The place of this fingerprint in the bucket, else a free one; nullopt: neither.
  [[nodiscard]] static std::optional<std::size_t> find(const Bucket& bucket,
                                                       std::uint64_t fingerprint);

  std::vector<Bucket> buckets_;
  std::uint64_t salt_;
};

}  // namespace net
