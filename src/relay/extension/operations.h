#pragma once
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <string>
#include <vector>

#include "store/operation.h"

namespace relay {

/// How an extension changes rows when no event does. Lent to it per worker; used on that worker's thread.
class Operations {
 public:
  virtual ~Operations() = default;

  /// Commits `operation` in its turn among all writes. On success its effects are durable, every worker's on_commit has
  /// them, and the picked events are returned. The error is a reason with its prefix; "error: …" when the relay could
  /// not do it. Once asked it runs, even if whoever waits for it is cancelled.
  [[nodiscard]] virtual boost::asio::awaitable<
      std::expected<std::vector<store::StoredEvent>, std::string>>
  perform(store::OperationPtr operation) = 0;
};

}  // namespace relay
