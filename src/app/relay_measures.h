#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "net/counters.h"
#include "relay/extension/measure.h"
#include "store/store.h"

namespace app {

/// What the relay knows of itself at this moment.
struct Readings {
  const net::Counters& sockets;
  std::size_t writer_queue = 0;
  std::vector<std::size_t> worker_queues{};
  bool ready = false;
  std::string backend{};
  std::optional<store::StoreInfo> store{};  ///< none: the store does not answer
  std::optional<std::uint64_t>
      free_disk_bytes{};  ///< where the store can grow; none: it is not on a disk
};

/// The same for metrics.
[[nodiscard]] relay::Measures relay_measures(const Readings& readings);

}  // namespace app
